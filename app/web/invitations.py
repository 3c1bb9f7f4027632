"""Where the link leads by which somebody sets the password of an account, the first one or a new one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.invitations import Invited, accept_invitation, find_invitation
from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.web.access import needs
from app.web.dependencies import CurrentSettings, ReadDb, WholeDatabase
from app.web.rendering import render
from app.web.signing_in import enter, lasting, way_of

router = APIRouter()


@router.get("/invitations/{secret}", dependencies=[needs(Action.ENTER)])
def show_invitation(request: Request, secret: str, db: ReadDb) -> Response:
    return _page(request, secret, find_invitation(db, secret))


@router.post("/invitations/{secret}", dependencies=[needs(Action.ENTER)])
def accept(
    request: Request,
    secret: str,
    settings: CurrentSettings,
    db: ReadDb,
    database: WholeDatabase,
    password: Annotated[str, Form()] = "",
) -> Response:
    invited = find_invitation(db, secret)
    try:
        login = accept_invitation(database, secret, password, way_of(request, "password"), lasting(settings))
    except InvalidInput as error:
        return _page(request, secret, invited, error.message)
    return enter(settings, login, "/")


def _page(request: Request, secret: str, invited: Invited, error: str | None = None) -> Response:
    """Its address is a secret: no copy of the page is to outlive it, and `Referrer-Policy` tells it to no other site.

    Not even ours would be told by `no-referrer`, but then browsers send `Origin: null`, by which we could not know
    our own form over plain HTTP.
    """
    context = {"secret": secret, "invited": invited, "error": error, "shortest": SHORTEST, "longest": LONGEST}
    headers = {"Cache-Control": "no-store"}
    return render(request, "signing_in/invitation.html", context, status=422 if error else 200, headers=headers)
