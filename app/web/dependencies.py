"""What routes ask for. The only file of the doors that knows about database sessions."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from sqlalchemy.orm import Session

from app.accounts.queries import find_reviewer
from app.browsing.engine.index import BrowseIndexes
from app.db import Database
from app.errors import Forbidden
from app.importing.processes import ImportProcesses
from app.models import Reviewer
from app.settings import Settings

REVIEWER_COOKIE = "reviewer"


# Not in threads, to which a request would have to change over: opening and closing a session asks nothing of the disk.
async def _indexes(request: Request) -> BrowseIndexes:
    indexes: BrowseIndexes = request.state.indexes
    return indexes


def _database(request: Request) -> Database:
    database: Database = request.state.database
    return database


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


Indexes = Annotated[BrowseIndexes, Depends(_indexes)]


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


async def _current_reviewer(request: Request, db: ReadDb) -> Reviewer | None:
    cookie = request.cookies.get(REVIEWER_COOKIE, "")
    return find_reviewer(db, int(cookie)) if cookie.isdecimal() and len(cookie) < 19 else None


CurrentReviewer = Annotated[Reviewer | None, Depends(_current_reviewer)]


def _signed_in_reviewer(reviewer: CurrentReviewer, x_reviewer: Annotated[str, Header()] = "") -> Reviewer:
    """The header names whose page it comes from, which may have waited long for the network: static/saving.js."""
    if reviewer is None:
        raise Forbidden("Say who you are first: choose or type a name on the page Reviewers.")
    if x_reviewer and x_reviewer != str(reviewer.id):
        raise Forbidden("This was entered by somebody else in this browser, so nothing was changed.")
    return reviewer


SignedInReviewer = Annotated[Reviewer, Depends(_signed_in_reviewer)]
