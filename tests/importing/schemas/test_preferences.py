"""Sets of chosen and rejected answers, in the shapes that people publish them in."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import selectinload

from app.db import Database
from app.importing.queries import find_rejected, get_import
from app.models import Entry
from tests.factories import import_rows, messages

ASKED = "How do I prune a rose?"
GOOD, POOR = "Cut above a bud.", "Use your teeth."
TRANSCRIPT = "\n\nHuman: Hi\n\nAssistant: Hello!\n\nHuman: How do I prune a rose?\n\nAssistant:"
LONGER = "Human: Hi\n\nAssistant: Hello!\n\nHuman: How do I prune a rose?"


def answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


SHAPES: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "texts, explicit prompt": (
        {"prompt": ASKED, "chosen": GOOD, "rejected": POOR},
        (ASKED, GOOD, POOR),
    ),
    "texts that repeat the prompt": (
        {"prompt": "The cat is", "chosen": "The cat is grey.", "rejected": "The cat is a dog."},
        ("The cat is", " grey.", " a dog."),
    ),
    "texts, implicit prompt": (
        {"chosen": "The cat is grey.", "rejected": "The cat is green."},
        ("The cat is", "grey.", "green."),
    ),
    "hh-rlhf, one question": (
        {
            "chosen": f"\n\nHuman: {ASKED}\n\nAssistant: {GOOD}",
            "rejected": f"\n\nHuman: {ASKED}\n\nAssistant: {POOR}",
        },
        (ASKED, GOOD, POOR),
    ),
    "hh-rlhf, several turns": (
        {"chosen": f"{TRANSCRIPT} {GOOD}", "rejected": f"{TRANSCRIPT} {POOR}"},
        (LONGER, GOOD, POOR),
    ),
    "hh-rlhf, explicit prompt": (
        {"prompt": TRANSCRIPT, "chosen": GOOD, "rejected": POOR},
        (LONGER, GOOD, POOR),
    ),
    "hh-rlhf, the same answer twice": (
        {"chosen": f"{TRANSCRIPT} {GOOD}", "rejected": f"{TRANSCRIPT} {GOOD}"},
        (LONGER, GOOD, GOOD),
    ),
    "messages, explicit prompt": (
        {"prompt": messages(ASKED), "chosen": answer(GOOD), "rejected": answer(POOR)},
        (ASKED, GOOD, POOR),
    ),
    "messages, implicit prompt": (
        {"chosen": messages(ASKED, GOOD), "rejected": messages(ASKED, POOR)},
        (ASKED, GOOD, POOR),
    ),
    "UltraFeedback": (
        {"prompt": ASKED, "chosen": messages(ASKED, GOOD), "rejected": messages(ASKED, POOR)},
        (ASKED, GOOD, POOR),
    ),
    "messages with a system's before": (
        {
            "chosen": [{"role": "system", "content": "Be brief."}, *messages(ASKED, GOOD)],
            "rejected": [{"role": "system", "content": "Be brief."}, *messages(ASKED, POOR)],
        },
        (f"System: Be brief.\n\nHuman: {ASKED}", GOOD, POOR),
    ),
    "messages, several turns": (
        {
            "chosen": messages("Hi", "Hello!", ASKED, GOOD),
            "rejected": messages("Hi", "Hello!", ASKED, POOR),
        },
        (LONGER, GOOD, POOR),
    ),
    "messages that part early": (
        {"chosen": messages("Hi", "Hello!", ASKED, GOOD), "rejected": messages("Hi", "What?")},
        ("Hi", f"Assistant: Hello!\n\nHuman: {ASKED}\n\nAssistant: {GOOD}", "What?"),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_gives_prompt_chosen_and_rejected(database: Database, tmp_path: Path, shape: str) -> None:
    line, expected = SHAPES[shape]
    import_rows(database, tmp_path, [line])
    assert [stored(entry) for entry in entries(database)] == [expected]


def test_chosen_one_is_now_first_now_second(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [{"prompt": f"{i}?", "chosen": GOOD, "rejected": POOR} for i in range(20)])
    assert {entry.better_response_id for entry in entries(database)} == {0, 1}


def test_flipped_preference_is_a_changed_label(database: Database, tmp_path: Path) -> None:
    lines = [{"prompt": f"{i}?", "chosen": GOOD, "rejected": POOR} for i in range(8)]
    import_rows(database, tmp_path, lines)
    before = [entry.better_response_id for entry in entries(database)]
    flipped = [{"prompt": f"{i}?", "chosen": POOR, "rejected": GOOD} for i in range(8)]
    again = import_rows(database, tmp_path, flipped)
    with database.read() as db:
        record = get_import(db, again)
    assert (record.rows_imported, record.rows_present) == (0, 8)
    assert record.changes == {"better_response_id": 8}
    assert [entry.better_response_id for entry in entries(database)] == [
        1 - side for side in before if side is not None
    ]


def test_scores_and_messages_beside_are_kept(database: Database, tmp_path: Path) -> None:
    line = SHAPES["UltraFeedback"][0] | {"score_chosen": 8.5, "messages": messages(ASKED, GOOD)}
    import_rows(database, tmp_path, [line])
    (entry,) = entries(database)
    assert json.loads(entry.extra or "") == {"score_chosen": 8.5, "messages": messages(ASKED, GOOD)}


def test_prompt_that_the_conversation_does_not_begin_with_is_kept(database: Database, tmp_path: Path) -> None:
    line = {"prompt": "roses", "chosen": messages(ASKED, GOOD), "rejected": messages(ASKED, POOR)}
    import_rows(database, tmp_path, [line])
    (entry,) = entries(database)
    assert (entry.prompt, entry.extra) == (ASKED, '{"prompt":"roses"}')


BAD = [
    ("chosen: is missing; there is 'chosen_'", {"prompt": ASKED, "chosen_": GOOD, "rejected": POOR}),
    ("rejected: must be a text, is null", {"prompt": ASKED, "chosen": GOOD, "rejected": None}),
    ("prompt: is empty", {"prompt": "", "chosen": GOOD, "rejected": POOR}),
    ("prompt: is empty", {"prompt": "", "chosen": answer(GOOD), "rejected": answer(POOR)}),
    ("prompt: is missing, and chosen and rejected have no beginning", {"chosen": GOOD, "rejected": POOR}),
    (
        "prompt: is missing, and chosen and rejected have no beginning",
        {"chosen": answer(GOOD), "rejected": answer(POOR)},
    ),
    (
        "prompt: is missing, and chosen and rejected have no beginning",
        {"chosen": "\n\nHuman: Tea?\n\nAssistant: Yes.", "rejected": "\n\nHuman: Milk?\n\nAssistant: No."},
    ),
    ("must both be texts or both lists", {"prompt": ASKED, "chosen": GOOD, "rejected": answer(POOR)}),
    ("chosen: is a list, but not of messages", {"prompt": ASKED, "chosen": [], "rejected": answer(POOR)}),
    ("chosen: is a list, but not of messages", {"prompt": ASKED, "chosen": ["a"], "rejected": ["b"]}),
    (
        "rejected[1].content: must be a text, is a whole number",
        {"chosen": messages(ASKED, GOOD), "rejected": [*messages(ASKED), {"role": "assistant", "content": 3}]},
    ),
    ("chosen: holds a NUL character", {"prompt": ASKED, "chosen": "a\0b", "rejected": POOR}),
]


@pytest.mark.parametrize(("reason", "line"), BAD)
def test_bad_preference_is_listed(database: Database, tmp_path: Path, reason: str, line: dict[str, Any]) -> None:
    import_id = import_rows(database, tmp_path, [SHAPES["UltraFeedback"][0], line])
    with database.read() as db:
        (rejected,) = find_rejected(db, import_id)
    assert reason in rejected.reason


def entries(database: Database) -> list[Entry]:
    with database.read() as db:
        return db.query(Entry).options(selectinload(Entry.responses)).order_by(Entry.id).all()


def stored(entry: Entry) -> tuple[str, str, str]:
    """Prompt, the better response, the other one."""
    assert entry.better_response_id is not None
    texts = [response.text for response in entry.responses]
    return entry.prompt, texts[entry.better_response_id], texts[1 - entry.better_response_id]
