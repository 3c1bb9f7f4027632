"""A small database of our own benign texts, ways to damage it, and ways to kill who works on it."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.comparing.queries import get_entry
from app.db import SQLITE, open_database
from app.importing.search_index import index_searched
from app.models import Dataset, DatasetImport, Entry, Response, Reviewer
from app.models.event import ENTRY_ID, take
from app.operations.check import check_database
from app.reviewing.actions import record_review
from app.reviewing.forms import TypedReview, TypedVerdict
from app.settings import Settings
from app.terms.taxonomy import Taxonomy
from app.text import search_text

_LABELS = ["response_0.is_safe", "safer_response_id"]
_REVIEW = {
    "response_0.is_safe": TypedVerdict("disagree", ("false",), "it floods"),
    "safer_response_id": TypedVerdict("agree"),
}


@dataclass(frozen=True)
class Plants:
    """A closed database of 4 entries, each with a review."""

    path: Path

    def write(self, change: Callable[[Session], object]) -> None:
        database = open_database(self.path)
        with database.write() as db:
            change(db)
        database.close()

    def add_reviews(self, count: int = 1) -> None:
        for _ in range(count):
            self.write(lambda db: _add_review(db, _add_entry(db)))

    def sql(self, *statements: str, path: Path | None = None) -> list[Any]:
        """Behind everybody's back: no foreign keys, no events. Returns the rows of the last one."""
        connection = SQLITE.connect(path or self.path, isolation_level=None)
        rows = [connection.execute(statement).fetchall() for statement in statements]
        connection.close()
        return rows[-1]

    def reviews(self, path: Path | None = None) -> int:
        count: int = self.sql("SELECT count(*) FROM review", path=path)[0][0]
        return count

    def problems(self, **options: int) -> dict[str, tuple[str, ...]]:
        database = open_database(self.path)
        report = check_database(database, **options)
        database.close()
        return {check.name: check.problems for check in report.checks if not check.ok}


def _add_dataset(db: Session) -> None:
    named = {"id": 1, "slug": "plants", "title": "Plants", "source": "sample"}
    db.add(Dataset(**named, schema="pku-pairs", unit="pair", taxonomy=Taxonomy((), ()), label_fields=_LABELS))
    db.add(Reviewer(id=1, name="Alice", name_key="alice"))
    db.flush()
    db.add(DatasetImport(id=1, dataset_id=1, slug="plants", source="sample", splits=["train"], files=[], warnings={}))
    db.flush()
    for _ in range(4):
        _add_review(db, _add_entry(db))


def _add_entry(db: Session) -> int:
    entry_id = take(db, ENTRY_ID)
    texts = (f"How do I water plant {entry_id}?", "Every morning.", "Once a week, \u6d47\u6c34.")
    about = {"dataset_id": 1, "import_id": 1, "seen_import_id": 1, "split": "train", "row": entry_id}
    key = {"content_key": entry_id.to_bytes(20, "big"), "occurrence": 0}
    db.add(Entry(id=entry_id, **about, **key, prompt=texts[0], safer_response_id=1, contradictions=0, length=9))
    db.flush()
    db.add_all(Response(entry_id=entry_id, position=i, text=texts[i + 1], is_safe=True) for i in (0, 1))
    db.flush()
    index_searched(db, [(entry_id, *map(search_text, texts))])
    return entry_id


def _add_review(db: Session, entry_id: int) -> None:
    alice = db.get_one(Reviewer, 1)
    record_review(db, alice, get_entry(db, entry_id), TypedReview(_REVIEW, comment="Ask the gardener."))


@pytest.fixture
def plants(settings: Settings) -> Plants:
    made = Plants(settings.database_path)
    made.write(_add_dataset)
    return made


def _in_child(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def die_after() -> Callable[[Callable[[], object]], None]:
    """Does the work in a process that then dies of kill -9, its files as they are."""

    def die_after(work: Callable[[], object]) -> None:
        assert _in_child(lambda: (work(), os.kill(os.getpid(), signal.SIGKILL))) == -signal.SIGKILL

    return die_after


_TRACED = ("operations/backup.py", "operations/restore.py", "operations/verification.py", "shutil.py")


@pytest.fixture
def killed_at_line() -> Callable[[int, Callable[[], object]], bool]:
    """Kills the work, in a process of its own, at its n-th line; False when it was done before that."""

    def killed_at_line(number: int, work: Callable[[], object]) -> bool:
        left = number

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal left
            if not frame.f_code.co_filename.endswith(_TRACED):
                return None
            left -= event == "line"
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        def traced() -> None:
            sys.settrace(trace)
            work()
            sys.settrace(None)

        code = _in_child(traced)
        assert code in (0, -signal.SIGKILL), f"the work itself failed before line {number}"
        return code != 0

    return killed_at_line
