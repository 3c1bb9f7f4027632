"""A corpus in which every value of every facet occurs: odd rows, reviews that agree and disagree, a later revision."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from app.accounts.actions import sign_in_as
from app.comparing.queries import get_entry, stored_labels
from app.db import Database
from app.importing.queries import get_dataset
from app.models import Reviewer
from app.reviewing.actions import record_review
from app.reviewing.flagging import flag_entries
from app.reviewing.forms import TypedReview, TypedVerdict, choices
from app.reviewing.queries import find_review
from app.reviewing.sight import Sight, Stage
from app.reviewing.undoing import undo_decision
from app.terms.flag_kind import FlagKind
from tests.corpus import MODELS, write_corpus
from tests.factories import import_file

SLUG, ROWS = "corpus", 5_000
_COPIES = 9  # of rows: some with other labels, some in the other split
_KINDS = ("verdicts", "verdicts", "verdicts", "verdicts", "comment", "flag", "undone", "revised")


def write_odd_corpus(folder: Path) -> None:
    write_corpus(folder, ROWS - 3 * _COPIES, seed=4)
    copies = []
    for model in MODELS:
        train = folder / "data" / model / "train.jsonl"
        rows = [_odd(number, json.loads(line)) for number, line in enumerate(train.read_text().splitlines())]
        copies = rows[10 : 10 + _COPIES]
        _write(train, [*rows, *(_copy(number, row) for number, row in enumerate(copies) if number % 3)])
        test = train.with_name("test.jsonl")
        _write(test, [*map(json.loads, test.read_text().splitlines()), *copies[::3]])


def _copy(number: int, row: dict[str, Any]) -> dict[str, Any]:
    return row if number % 2 else {**row, "response_0_severity_level": 3, "is_response_0_safe": False}


def _odd(number: int, row: dict[str, Any]) -> dict[str, Any]:
    """Some rows say less than they could, or contradict themselves."""
    unknown = {
        61: ["is_response_0_safe"], 67: ["response_1_severity_level"], 73: ["better_response_id"],
        71: ["response_0_severity_level", "response_1_severity_level"], 79: ["safer_response_id"],
        97: ["prompt_source"], 103: ["response_0_harm_category"],
    }  # fmt: skip
    row |= {name: None for every, names in unknown.items() if number % every == 3 for name in names}
    if number % 83 == 5:
        row["response_0_sha256"] = sha256(row["prompt"].encode()).hexdigest()
    if number % 89 == 5:
        row |= {"response_1": row["response_0"], "response_1_sha256": row["response_0_sha256"]}
    if number % 101 == 7:
        row["response_1_source"] = "Alpaca-7B"
    if number % 107 == 7 and row["safer_response_id"] is not None:
        row["safer_response_id"] = 1 - row["safer_response_id"]
    return row


def write_revision(folder: Path) -> None:
    """In the corpus's place: some rows are gone, some have other labels."""
    for path in folder.glob("data/*/*.jsonl"):
        _write(path, _revised(map(json.loads, path.read_text().splitlines())))


def _revised(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows):
        if number % 41 == 5:
            continue
        if number % 13 == 7 and row["better_response_id"] is not None:
            row["better_response_id"] = 1 - row["better_response_id"]
        if number % 17 == 11 and row["response_0_severity_level"] is not None:
            row["response_0_severity_level"] = (row["response_0_severity_level"] + 1) % 4
        yield row


def _write(path: Path, rows: Any) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def review_some(database: Database, random: Random) -> None:
    """Three people, who often look at the same entries and do not always agree."""
    with database.write() as db:
        people = [sign_in_as(db, name) for name in ("Anna", "Boris", "Chloé")]
    for entry_id in random.sample(range(1, ROWS + 1), 200):
        for person in random.sample(people, random.choice([1, 1, 2, 3])):
            _review(database, person, entry_id, random)
    ids = random.sample(range(1, ROWS + 1), 60)
    for flagged, kind in ((ids, FlagKind.OTHER), (ids[:30], FlagKind.DUPLICATE), (ids[:20], None)):
        with database.write() as db:  # each all at the same moment
            flag_entries(db, people[0], get_dataset(db, SLUG), flagged, kind)


def _review(database: Database, person: Reviewer, entry_id: int, random: Random) -> None:
    kind = random.choice(_KINDS)
    with database.write() as db:
        entry, there = get_entry(db, entry_id), find_review(db, person.id, entry_id)
        flag = str(random.choice(list(FlagKind))) if kind == "flag" else ""
        typed = TypedReview(comment="Seen in spring.", flag=flag, revision=there.revision if there else 0)
        if kind not in ("comment", "flag"):
            labels = random.sample(stored_labels(entry, entry.dataset), random.randint(1, 4))
            verdicts = {label.field.name: _verdict(label, entry.dataset.taxonomy, random) for label in labels}
            typed = replace(typed, verdicts=verdicts)
        revision = record_review(db, person, entry, typed).revision
    with database.write() as db:
        if kind == "undone":
            undo_decision(db, person)
        if kind == "revised":
            record_review(
                db, person, get_entry(db, entry_id), replace(typed, flag=str(FlagKind.OTHER), revision=revision)
            )


def _verdict(label: Any, taxonomy: Any, random: Random) -> TypedVerdict:
    verdict = random.choice(["unsure", "disagree"] if label.value is None else ["agree", "agree", "disagree", "unsure"])
    stored = label.value if isinstance(label.value, list) else []
    others = [choice.value for choice in choices(label, taxonomy, Sight(Stage.OPEN)) if choice.value not in stored]
    return TypedVerdict(verdict, (random.choice(others),) if verdict == "disagree" else ())


def make_reviewed_corpus(database: Database, folder: Path) -> None:
    """Beside another dataset, whose entries are in no list of this one."""
    random = Random(20261123)
    write_odd_corpus(folder)
    import_file(database, folder, slug=SLUG)
    import_file(database, "sample")
    review_some(database, random)
    write_revision(folder)
    import_file(database, folder, slug=SLUG)
    review_some(database, random)
