"""What a person does to views. All of it is in the event log, with the query strings of before."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, InvalidInput
from app.models import Dataset, Reviewer, SavedView
from app.models.event import record_event
from app.names import name_key, readable_name
from app.viewing.queries import get_view

LONGEST_NAME = 80


class NameTaken(Conflict):
    def __init__(self, view: SavedView) -> None:
        super().__init__(f"There is already a view “{view.name}”.")
        self.view = view


def save_view(
    db: Session,
    reviewer: Reviewer,
    dataset: Dataset,
    typed: str,
    query: str,
    *,
    pinned: bool = False,
    replaced: int | None = None,
) -> SavedView:
    """Raises NameTaken when another list has the name, unless it is of the view that is to be replaced."""
    name = _read_name(typed)
    there = _find_by_name(db, dataset, name)
    if there is None:
        there = SavedView(dataset_id=dataset.id, name=name, name_key=name_key(name), query=query, pinned=False)
        there.created_by = reviewer.id
        db.add(there)
        db.flush()
        _record(db, "saved", reviewer, there)
    elif there.query != query:
        if there.id != replaced:
            raise NameTaken(there)
        before, there.query = there.query, query
        _record(db, "replaced", reviewer, there, before=before)
    if pinned:
        _pin(db, reviewer, there, pinned=True)
    return there


def rename_view(db: Session, reviewer: Reviewer, dataset: Dataset, view_id: int, typed: str) -> None:
    view, name = get_view(db, dataset, view_id), _read_name(typed)
    other = _find_by_name(db, dataset, name)
    if other is not None and other.id != view.id:
        raise NameTaken(other)
    if name != view.name:
        before, view.name, view.name_key = view.name, name, name_key(name)
        _record(db, "renamed", reviewer, view, before=before)


def pin_view(db: Session, reviewer: Reviewer, dataset: Dataset, view_id: int, *, pinned: bool) -> None:
    _pin(db, reviewer, get_view(db, dataset, view_id), pinned=pinned)


def delete_view(db: Session, reviewer: Reviewer, dataset: Dataset, view_id: int) -> None:
    view = get_view(db, dataset, view_id)
    db.delete(view)
    _record(db, "deleted", reviewer, view)


def _pin(db: Session, reviewer: Reviewer, view: SavedView, *, pinned: bool) -> None:
    if view.pinned != pinned:
        view.pinned = pinned
        _record(db, "pinned" if pinned else "unpinned", reviewer, view)


def _read_name(typed: str) -> str:
    name = readable_name(typed, LONGEST_NAME)
    if name is None:
        raise InvalidInput(f"Type a name of 1 to {LONGEST_NAME} visible characters.", "name")
    return name


def _find_by_name(db: Session, dataset: Dataset, name: str) -> SavedView | None:
    named = (SavedView.dataset_id == dataset.id, SavedView.name_key == name_key(name))
    return db.scalar(select(SavedView).where(*named))


def _record(db: Session, what: str, reviewer: Reviewer, view: SavedView, **more: Any) -> None:
    data = {"view": view.id, "name": view.name, "query": view.query, **more}
    record_event(db, f"view.{what}", data, reviewer_id=reviewer.id, dataset_id=view.dataset_id)
