"""Writing a guideline: every save is a version of its own, so that a review can name the one it was made by."""

from sqlalchemy.orm import Session

from app.errors import Conflict, InvalidInput
from app.guidelines.queries import ShownGuideline, find_newest
from app.models import Guideline, Reviewer
from app.models.event import record_event

LONGEST_GUIDELINE = 50_000  # characters


class StaleGuideline(Conflict):
    """Somebody wrote a version after the one that this text began with."""

    def __init__(self, newest: ShownGuideline) -> None:
        super().__init__(f"Version {newest.written.version} was written in the meantime.")
        self.newest = newest


def write_guideline(db: Session, reviewer: Reviewer, dataset_id: int, typed: str, begun_with: int) -> int:
    """Returns the version that says this now. `begun_with` is the version that was edited, 0 when there was none."""
    body, newest = read_body(typed), find_newest(db, dataset_id)
    version = newest.written.version if newest else 0
    if newest and newest.body == body:
        return version
    if newest and version != begun_with:
        raise StaleGuideline(newest)
    guideline = Guideline(dataset_id=dataset_id, version=version + 1, body=body, created_by=reviewer.id)
    db.add(guideline)
    db.flush()
    data = {"guideline": guideline.id, "version": guideline.version, "body": body}
    record_event(db, "guideline.written", data, reviewer_id=reviewer.id, dataset_id=dataset_id)
    return guideline.version


def read_body(typed: str) -> str:
    """As it is stored: with the line ends of Unix, and without what neither people nor databases can read."""
    body = "\n".join(line.rstrip() for line in typed.splitlines()).strip("\n")
    if not body.strip():
        raise InvalidInput("Write something first: a guideline cannot be empty.", "body")
    if len(body) > LONGEST_GUIDELINE:
        raise InvalidInput(f"A guideline has at most {LONGEST_GUIDELINE:,} characters; this has {len(body):,}.", "body")
    if "\0" in body:
        raise InvalidInput("The text holds a NUL character. Take it out.", "body")
    return body
