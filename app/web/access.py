"""The gate of every route: what it is, and whether who asks may do it. A route without one keeps us from starting."""

from fastapi import Depends, FastAPI
from fastapi.params import Depends as DependsParameter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Mount

from app.accounts.permissions import PERMISSIONS, Action
from app.errors import Forbidden, NotSignedIn
from app.web.dependencies import CurrentVisitor


class Needs:
    """A dependency, so that it is decided by the route that matched, never by how the address is written."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, visitor: CurrentVisitor) -> None:
        if visitor.may(self.action):
            return
        if visitor.reviewer is None and visitor.is_team:
            raise NotSignedIn("Sign in first.")
        raise Forbidden(f"{_who(visitor)} may not do this: {PERMISSIONS[self.action].words.lower()}.")


def _who(visitor: CurrentVisitor) -> str:
    if visitor.scopes is not None:
        return f"A token for {', '.join(sorted(visitor.scopes)) or 'nothing'}"
    return f"A {visitor.role}" if visitor.role else "Somebody"


def needs(action: Action) -> DependsParameter:
    found: DependsParameter = Depends(Needs(action))
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
        found.append((context.path or "", frozenset(context.methods or ()), action_of(context.original_route)))
    return found
