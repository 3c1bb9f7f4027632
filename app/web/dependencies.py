"""What routes ask for. The only file of the doors that knows about database sessions."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Annotated, TypeVar

from anyio import CancelScope, to_thread
from fastapi import Depends, Path, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.accounts.single_sign_on import add_named
from app.accounts.visitors import (
    Visitor,
    find_by_proxy,
    find_by_token,
    find_local,
    find_signed_in,
    is_team,
    note_use,
)
from app.browsing.engine.index import BrowseIndexes
from app.db import Database
from app.errors import Forbidden, InvalidToken
from app.importing.processes import ImportProcesses
from app.models import Reviewer
from app.reviewing.sight import owes_opinions
from app.settings import Settings
from app.web.proxy_users import name_from_proxy

_Result = TypeVar("_Result")
REVIEWER_COOKIE = "reviewer"  # in local mode: the id of whose name was chosen


def login_cookie(settings: Settings) -> str:
    """Its name: with HTTPS browsers take it from this very host alone."""
    return "__Host-session" if settings.is_https else "session"


def _database(request: Request) -> Database:
    database: Database = request.state.database
    return database


# Not in threads, to which a request would have to change over: opening and closing a session asks nothing of the disk.
async def _read_session(request: Request) -> AsyncIterator[Session]:
    # Who waits for a connection waits here. In the pool they would hold up the loop, and so those who have one.
    async with request.state.readers:
        with _database(request).read() as db:
            yield db


def _write_session(request: Request) -> Iterator[Session]:
    with _database(request).write() as db:
        yield db


ReadDb = Annotated[Session, Depends(_read_session)]
# Commits before the answer is sent, so that "saved" is never said of something that was not.
WriteDb = Annotated[Session, Depends(_write_session, scope="function")]


async def one_by_one(request: Request, db: Session, do: Callable[[], _Result], turns: str = "sign_ins") -> _Result:
    """In a thread beside those that serve: passwords take long to look at, and however many come, pages go on.

    Who waits for a turn takes no reader's place meanwhile.
    """
    db.close()
    request.state.readers.release()
    try:
        return await to_thread.run_sync(do, limiter=getattr(request.state, turns))
    finally:
        with CancelScope(shield=True):
            await request.state.readers.acquire()


async def _whole_database(request: Request) -> Database:
    return _database(request)


async def _imports(request: Request) -> ImportProcesses:
    imports: ImportProcesses = request.state.imports
    return imports


async def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


# For what begins and ends transactions itself, because a process of its own is to see them.
WholeDatabase = Annotated[Database, Depends(_whole_database)]
Imports = Annotated[ImportProcesses, Depends(_imports)]
CurrentSettings = Annotated[Settings, Depends(_settings)]


# An id as it stands in a URL; databases hold no larger number.
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_ID = TypeAdapter[int](Id)


def read_id(text: str) -> int | None:
    """As routes read it; None for what they refuse."""
    try:
        return _ID.validate_python(text)
    except ValidationError:
        return None


async def _visitor(request: Request, db: ReadDb) -> Visitor:
    visitor = await _named_by_proxy(request, db) or _identified(request, db)
    request.state.visitor = visitor
    request.state.reviewer_id = visitor.reviewer and visitor.reviewer.id  # for the log
    if visitor.is_to_be_noted:
        await run_in_threadpool(_note_use, _database(request), visitor)
    return visitor


async def _named_by_proxy(request: Request, db: ReadDb) -> Visitor | None:
    """None also in local mode: who comes first by a proxy must not become the owner of what is there."""
    settings: Settings = request.state.settings
    name = name_from_proxy(request, settings)
    if name is None or _bearer(request) is not None:
        return None
    found = find_by_proxy(db, name)
    if found is None and is_team(db):
        await run_in_threadpool(add_named, _database(request), settings, name)
        db.rollback()  # which has not seen the new account
        found = find_by_proxy(db, name)
    return found


def _identified(request: Request, db: ReadDb) -> Visitor:
    if (token := _bearer(request)) is not None:
        visitor = find_by_token(db, token)
        if visitor is None:
            raise InvalidToken("This token is not, or no longer, good. Make another one on the page of your account.")
        return visitor
    settings: Settings = request.state.settings
    if secret := request.cookies.get(login_cookie(settings)):
        visitor = find_signed_in(db, secret, timedelta(hours=settings.sign_in_idle_hours))
        if visitor is not None:
            return visitor
    chosen = request.cookies.get(REVIEWER_COOKIE, "")
    return find_local(db, int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _note_use(database: Database, visitor: Visitor) -> None:
    with database.write() as db:
        note_use(db, visitor)


# For the gate of every route alone: what is asked for here is worked out anew wherever it is named.
IdentifiedVisitor = Annotated[Visitor, Depends(_visitor)]


async def _current_visitor(request: Request) -> Visitor:
    """Whom the gate found."""
    visitor: Visitor = request.state.visitor
    return visitor


CurrentVisitor = Annotated[Visitor, Depends(_current_visitor)]


async def _current_reviewer(request: Request) -> Reviewer | None:
    reviewer: Reviewer | None = request.state.visitor.reviewer
    return reviewer


CurrentReviewer = Annotated[Reviewer | None, Depends(_current_reviewer)]


async def _indexes(request: Request) -> BrowseIndexes:
    """As far as the reviewer may know what others think."""
    indexes: BrowseIndexes = request.state.indexes
    reviewer: Reviewer | None = request.state.visitor.reviewer
    return indexes.as_seen_by(reviewer.name) if reviewer and owes_opinions(reviewer) else indexes


Indexes = Annotated[BrowseIndexes, Depends(_indexes)]


async def _signed_in_reviewer(request: Request) -> Reviewer:
    """X-Reviewer names whose page it comes from, which may have waited long for the network: static/saving.js."""
    reviewer: Reviewer | None = request.state.visitor.reviewer
    x_reviewer = request.headers.get("x-reviewer")
    if reviewer is None:
        raise Forbidden("Say who you are first: choose or type a name on the page Reviewers.")
    if x_reviewer and x_reviewer != str(reviewer.id):
        raise Forbidden("This was entered by somebody else in this browser, so nothing was changed.")
    return reviewer


SignedInReviewer = Annotated[Reviewer, Depends(_signed_in_reviewer)]
