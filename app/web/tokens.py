"""API tokens of one's own: made with the password once more, shown once, revoked at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.confirming import confirm_password
from app.accounts.permissions import Action
from app.accounts.tokens import make_token, revoke_token
from app.accounts.visitors import Visitor
from app.errors import Forbidden, InvalidInput
from app.models import Reviewer
from app.web.access import needs
from app.web.account import account_page
from app.web.dependencies import CurrentSettings, CurrentVisitor, Id, SignedInReviewer, WholeDatabase, WriteDb
from app.web.rendering import redirect
from app.web.token_part import TypedToken, token_part

router = APIRouter()


@router.post("/account/tokens", dependencies=[needs(Action.SET_OWN)])
def add_token(
    request: Request,
    settings: CurrentSettings,
    database: WholeDatabase,
    visitor: CurrentVisitor,
    reviewer: SignedInReviewer,
    name: Annotated[str, Form()] = "",
    scope: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    days: Annotated[str, Form()] = "",
    your_password: Annotated[str, Form()] = "",
) -> Response:
    _refuse_in_local_mode(visitor)
    typed, said = TypedToken(name, scope, days), dict[str, Any]()
    try:
        confirm_password(database, visitor, your_password)
        with database.write() as db:
            owner = db.get_one(Reviewer, reviewer.id)
            said["secret"] = make_token(db, owner, name, scope, _number(days), by=reviewer.id)
    except InvalidInput as error:
        said = {"error": error, "typed": typed}
    with database.read() as db:  # what there is now
        page = account_page(request, db, settings, visitor, token_part=token_part(db, reviewer, **said))
    page.status_code = 422 if "error" in said else 200
    page.headers["Cache-Control"] = "no-store"
    return page


@router.post("/account/tokens/{token_id}/revoke", dependencies=[needs(Action.SET_OWN)])
def revoke(token_id: Id, db: WriteDb, visitor: CurrentVisitor, reviewer: SignedInReviewer) -> Response:
    _refuse_in_local_mode(visitor)
    revoke_token(db, token_id, of=reviewer.id, by=reviewer.id)
    return redirect("/account?done=token#tokens")


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0


def _refuse_in_local_mode(visitor: Visitor) -> None:
    if not visitor.is_team:
        raise Forbidden("In local mode scripts need no token: the API answers whoever asks on this machine.")
