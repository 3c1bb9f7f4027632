"""One's own review of an entry: read, and put in whole, as the page does it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.api.conditional import json_response
from app.api.documents import Document, own_review
from app.api.json_bodies import Object, read_object
from app.api.preconditions import NO_REVISION, Precondition, etag, read_precondition
from app.api.review_bodies import read_review_body
from app.comparing.queries import get_entry
from app.errors import NotFound
from app.models import Review, ReviewState
from app.models.label_field import fields_of
from app.reviewing.actions import RejectedReview, StaleReview, record_review
from app.reviewing.answering import decode_answers
from app.reviewing.queries import find_remarks, find_review
from app.reviewing.sight import Stage, refuse_while_blind, sight_on
from app.web.access import needs
from app.web.dependencies import Id, ReadDb, SignedInReviewer, WriteDb
from app.web.errors import problem

router = APIRouter(tags=["reviews"])
Body = Annotated[Object, Depends(read_object)]
Replaces = Annotated[Precondition, Depends(read_precondition)]


@router.get("/entries/{entry_id}/review", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_review(entry_id: Id, db: ReadDb, reviewer: SignedInReviewer) -> Response:
    get_entry(db, entry_id)
    refuse_while_blind(reviewer, "reviews in JSON")
    found = _there(find_review(db, reviewer.id, entry_id))
    if found is None:
        raise NotFound(f"You have not reviewed entry {entry_id}.")
    return _answer(db, found, 200)


@router.put("/entries/{entry_id}/review", dependencies=[needs(Action.REVIEW, takes_tokens=True)])
def put_review(
    entry_id: Id, body: Body, replaces: Replaces, read_db: ReadDb, db: WriteDb, reviewer: SignedInReviewer
) -> Response:
    entry = get_entry(read_db, entry_id)
    refuse_while_blind(reviewer, "reviews in JSON")
    review = find_review(db, reviewer.id, entry_id)
    there = _there(review)
    seen = replaces.seen(there.revision if there else None)
    if there is None and review is not None and seen != NO_REVISION:
        seen = review.revision  # it was taken back, and counts on
    is_revealed = sight_on(reviewer, review, entry).stage is Stage.REVEALED
    first = decode_answers(review.first_answers) if review and is_revealed else {}
    typed = read_review_body(body, fields_of(entry.dataset), first, seen)
    try:
        record_review(db, reviewer, entry, typed)
    except RejectedReview as error:
        return _rejected(error)
    except StaleReview:
        return _stale(db, there)
    db.expire_all()  # verdicts are written past the objects
    return _answer(db, find_review(db, reviewer.id, entry_id), 200 if there else 201)


def _there(review: Review | None) -> Review | None:
    """What was taken back is in the record alone."""
    return None if review is None or review.state == ReviewState.WITHDRAWN else review


def _document(db: ReadDb, review: Review) -> Document:
    return own_review(review, *find_remarks(db, review.reviewer_id, review.entry_id))


def _answer(db: ReadDb, review: Review | None, status: int) -> Response:
    assert review is not None  # noqa: S101 - it was found, or has just been saved
    response = json_response(_document(db, review), {"ETag": etag(review.revision), "Cache-Control": "no-store"})
    response.status_code = status
    return response


def _rejected(error: RejectedReview) -> Response:
    mistakes = [{"field": _place(name), "detail": detail} for name, detail in error.mistakes.items()]
    return problem(422, error.title, error.message, None, _first(mistakes))


def _first(mistakes: list[dict[str, str]]) -> Mapping[str, Any]:
    return {"field": mistakes[0]["field"], "errors": mistakes} if mistakes else {}


def _place(name: str) -> str:
    return name if name in ("comment", "flag") else f"verdicts.{name}"


def _stale(db: ReadDb, there: Review | None) -> Response:
    message = "Your review is another one by now." if there else "There is no review of yours to replace."
    headers = {"ETag": etag(there.revision)} if there else None
    return problem(412, "Changed in the meantime", message, headers, {"review": there and _document(db, there)})
