"""The gate of every route: what it is, and whether who asks may do it, and there. A route without one keeps us from
starting.
"""

import re
from collections.abc import Mapping

from fastapi import Depends, FastAPI, Request
from fastapi.params import Depends as DependsParameter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount

from app.accounts.permissions import PERMISSIONS, Action
from app.accounts.reach import NAMES, OF_NO_DATASET, find_dataset_of
from app.accounts.refusals import note_refusal
from app.accounts.visitors import Visitor
from app.errors import Forbidden, LacksScope, NotFound, NotSignedIn
from app.importing.queries import get_dataset
from app.web.blindness import refuse_telling_filters
from app.web.csrf import check_token
from app.web.dependencies import IdentifiedVisitor, ReadDb, read_id
from app.web.security import route_template

_PARAMETER = re.compile(r"\{(\w+)")


class Needs:
    """A dependency, so that it is decided by the route that matched, never by how the address is written."""

    def __init__(self, action: Action, *, takes_tokens: bool) -> None:
        self.action = action
        self.takes_tokens = takes_tokens or PERMISSIONS[action].is_open

    async def __call__(self, request: Request, visitor: IdentifiedVisitor, db: ReadDb) -> None:
        if visitor.token_id is not None and not self.takes_tokens:
            raise Forbidden(f"{_who(visitor)} may not do this: addresses below /api/ take one, and exports.")
        if not visitor.may(self.action):
            if visitor.reviewer is None and visitor.is_team:
                raise NotSignedIn("Sign in first.")
            refused = (request.state.database, visitor, request.method, route_template(request.scope), self.action)
            await run_in_threadpool(note_refusal, *refused)
            raise _refusal(visitor, self.action)
        await check_token(request, visitor)
        if visitor.datasets is not None:
            _check_reach(db, visitor, request.path_params)
        refuse_telling_filters(request, visitor.reviewer)


def _check_reach(db: ReadDb, visitor: Visitor, named: Mapping[str, str]) -> None:
    """What belongs to a dataset that somebody does not see is not there, and is refused as what is not there."""
    for name in NAMES & named.keys():
        if name == "slug":
            get_dataset(db, named[name], visitor.datasets)
        elif (number := read_id(named[name])) is not None:  # else the route refuses it
            found = find_dataset_of(db, name, number)
            if found is None or not visitor.sees(found):
                raise NotFound(_MISSING[name].format(number))


_MISSING = {
    "entry_id": "There is no entry {}.",
    "import_id": "There is no import {}.",
    "comment_id": "There is no such comment; it may have been deleted.",
    "session_id": "There is no review session {}.",
    "plan_id": "There is no sample {}.",
    "item_id": "The session has no item {}.",
}


def _refusal(visitor: Visitor, action: Action) -> Forbidden:
    permission = PERMISSIONS[action]
    what = f"may not do this: {permission.words.lower()}."
    if visitor.scopes is not None and permission.scope is not None and permission.scope not in visitor.scopes:
        return LacksScope(f"{_who(visitor)} {what}", permission.scope)
    return Forbidden(f"{_who(visitor)} {what}")


def _who(visitor: Visitor) -> str:
    if visitor.scopes is not None:
        return f"A token for {', '.join(sorted(visitor.scopes)) or 'nothing'}"
    return f"A {visitor.role}" if visitor.role else "Somebody"


def needs(action: Action, *, takes_tokens: bool = False) -> DependsParameter:
    """`takes_tokens`: a script may ask for it with an API token, and not only who has signed in."""
    found: DependsParameter = Depends(Needs(action, takes_tokens=takes_tokens))
    return found


def action_of(route: BaseRoute) -> Action:
    """Raises LookupError unless the route says exactly once what it is."""
    given = route.dependencies if isinstance(route, APIRoute) else []
    actions = [one.dependency.action for one in given if isinstance(one.dependency, Needs)]
    if len(actions) != 1:
        raise LookupError(f"{getattr(route, 'path', route)} must say once which action it needs: app.web.access.needs.")
    return actions[0]


def routes_of(app: FastAPI) -> list[tuple[str, frozenset[str], Action]]:
    """Path, methods and action of every route but static files; raises LookupError for one that says no action."""
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.route, Mount) and context.path == "/static":
            continue
        _check_parameters(context.path or "")
        found.append((context.path or "", frozenset(context.methods or ()), action_of(context.original_route)))
    return found


def _check_parameters(path: str) -> None:
    unknown = set(_PARAMETER.findall(path)) - NAMES - OF_NO_DATASET.keys()
    if unknown:
        raise LookupError(f"{path}: app.accounts.reach must say which dataset {', '.join(sorted(unknown))} is of.")
