"""What reviewers may learn from their own reviews beside others', as their page shows it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.agreement.calibration.documents import document
from app.agreement.calibration.found import find_calibration
from app.api.conditional import answer, json_response
from app.api.own_parameters import refuse_unknown, taken_out
from app.browsing.versions import version_of_all
from app.errors import InvalidInput
from app.web.access import needs
from app.web.calibration import find_asked
from app.web.dependencies import CurrentVisitor, Id, Indexes, ReadDb, read_id

router = APIRouter(tags=["statistics"])
_KNOWN = ("dataset", "session")


@router.get("/reviewers/{reviewer_id}/calibration", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_calibration(
    request: Request, reviewer_id: Id, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor
) -> Response:
    given, others = taken_out(request.query_params.multi_items(), _KNOWN)
    refuse_unknown(others, _KNOWN)
    asked = find_asked(db, visitor, reviewer_id, given.get("dataset", ""), _session_id(given.get("session", "")))

    def make() -> Response:
        about = {
            "reviewer": asked.reviewer.name,
            "dataset": asked.dataset.slug if asked.dataset else None,
            "session": asked.session.id if asked.session else None,
        }
        return json_response(about | document(find_calibration(db, asked.looks)))

    versions = version_of_all(db, indexes, asked.datasets)
    return answer(request, (versions, asked.reviewer.name, [one.key for one in asked.looks]), make)


def _session_id(text: str) -> int | None:
    if not text:
        return None
    if (found := read_id(text)) is None:
        raise InvalidInput(f"{text[:60]!r} is no number of a review session.", "session")
    return found
