"""What is said when columns fit no known schema, or a source does not fit the dataset it is to go into."""

from pathlib import Path
from typing import Any

import pytest

from app.db import Database
from app.errors import InvalidInput
from app.importing.schemas import parse_columns, recognise
from app.terms.unit import Unit
from tests.factories import answer_row, beavertails_row, import_rows, row, without

LONG = "A long answer about cakes that somebody wrote with some care."
UNKNOWN = [
    (
        {"question": "Tea?", "answer_a": LONG, "answer_b": LONG},
        [
            "answer_a, answer_b, question",
            "nearest is PKU-SafeRLHF pairs",
            "missing here: prompt, response_0, response_1",
            "--map prompt=question,response_0=answer_a,response_1=answer_b.",
        ],
    ),
    (
        {"prompt": "Tea?", "respnse_0": LONG, "response_1": LONG},
        ["missing here: response_0.", "--map response_0=respnse_0. For the prompts alone: --map prompt=prompt."],
    ),
    (
        {"prompt": "Tea?", "response_1": LONG, "response_2": LONG},
        ["missing here: response_0.", "--map response_0=response_1,response_1=response_2."],
    ),
    (
        {"instruction": "Tea?", "output": LONG},
        ["missing here: prompt, response, is_safe.", "--map prompt=instruction,response=output,is_safe=COLUMN."],
    ),
    (
        {"prompt": "Tea?", "winner": LONG, "loser": LONG},
        ["nearest is chosen/rejected pairs", "--map chosen=winner,rejected=loser."],
    ),
    ({"prompt": "Tea?", "verse": LONG}, ["nearest is PKU-SafeRLHF pairs"]),
    ({"prompt": "Tea?", "turns": [LONG]}, ["nearest is PKU-SafeRLHF pairs"]),
    ({"question": "Tea?"}, ["nearest is prompts", "--map prompt=question."]),
    ({f"column {i}": i for i in range(30)}, ["and 10 more"]),
    ({"bell\x07": 1}, [r"'bell\x07'"]),
]


@pytest.mark.parametrize(("line", "parts"), UNKNOWN)
def test_unknown_schema_says_what_is_missing(line: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(InvalidInput) as error:
        recognise([line], {}, is_typed=True, location="cakes.jsonl")
    assert error.value.message.startswith("cakes.jsonl: these columns are of no known schema: ")
    for part in parts:
        assert part in error.value.message


def test_suggested_map_is_accepted() -> None:
    line = {"question": "Tea?", "answer_a": LONG, "answer_b": LONG}
    columns = parse_columns(["prompt=question,response_0=answer_a,response_1=answer_b"])
    assert recognise([line], columns, is_typed=True, location="cakes").unit is Unit.PAIR


def test_source_without_rows_has_no_schema() -> None:
    with pytest.raises(InvalidInput, match=r"cakes\.jsonl: holds no row that can be read"):
        recognise([], {}, is_typed=True, location="cakes.jsonl")


def test_prompts_with_numbers_beside_are_prompts() -> None:
    line = {"prompt": LONG, "category": "cakes", "category_id": 3}
    assert recognise([line], {}, is_typed=True, location="cakes").unit is Unit.PROMPT


def test_prompts_alone_can_be_asked_for() -> None:
    layout = recognise([{"prompt": "Tea?", "verse": LONG}], {"prompt": "prompt"}, is_typed=True, location="cakes")
    assert (layout.unit, layout.sentence(2)) == (Unit.PROMPT, "prompts, 2 splits")


def test_category_that_is_a_topic_means_nothing_here() -> None:
    layout = recognise([beavertails_row(category="cakes")], {}, is_typed=True, location="cakes")
    assert layout.label_fields == ("response_0.is_safe",)
    assert layout.map_row(beavertails_row(category="cakes")).extra == {"category": "cakes"}


def test_answers_may_call_their_categories_either_way() -> None:
    named = answer_row()
    line = without(named, "harm_category") | {"category": named["harm_category"]}
    layout = recognise([line], {}, is_typed=True, location="cakes")
    assert (layout.schema, layout.label_fields[1]) == ("pku-qa", "response_0.harm_categories")


def test_map_is_read_from_options() -> None:
    found = parse_columns(["prompt=question, response_0=a", "category=kinds", ""])
    assert found == {"prompt": "question", "response_0": "a", "harm_category": "kinds"}


NONSENSE = [
    ("question", "--map: 'question' is not of the form"),
    ("prompt=", "--map: 'prompt=' is not of the form"),
    ("respnse_0=a", "--map: 'respnse_0' is no column that can be mapped; did you mean 'response_0'? There are prompt"),
    ("zzz=a", "--map: 'zzz' is no column that can be mapped. There are prompt"),
    ("prompt=a,prompt=b", "--map: prompt is given twice."),
]


@pytest.mark.parametrize(("text", "message"), NONSENSE)
def test_nonsense_in_map_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_columns([text])
    assert error.value.message.startswith(message)


def test_mapped_column_must_be_there() -> None:
    with pytest.raises(InvalidInput, match=r"--map prompt=questoin: no row has .*; did you mean 'question'"):
        recognise([{"question": "Tea?"}], {"prompt": "questoin"}, is_typed=True, location="cakes")


HELD = "; the dataset holds PKU-SafeRLHF pairs with 19 categories."
STRANGERS = [
    (beavertails_row(), f"These are BeaverTails answers with 14 categories{HELD}"),
    ({"prompt": "Tea?"}, f"These are prompts{HELD}"),
    ({"prompt": "Tea?", "chosen": "Mint.", "rejected": "None."}, f"These are chosen/rejected pairs{HELD}"),
    (row(), f"These are PKU-SafeRLHF pairs with 19 categories and severity levels{HELD}"),
]


@pytest.mark.parametrize(("line", "sentence"), STRANGERS)
def test_source_of_another_kind_is_refused(
    database: Database, tmp_path: Path, line: dict[str, Any], sentence: str
) -> None:
    import_rows(database, tmp_path, [without(row(), "severity")])
    with pytest.raises(InvalidInput) as error:
        import_rows(database, tmp_path, [line])
    assert sentence in error.value.message
