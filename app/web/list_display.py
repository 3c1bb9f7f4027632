"""How a browser shows lists of entries: how dense, with which columns, and which facets are folded."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.web.access import needs
from app.web.rendering import redirect

router = APIRouter()
DISPLAY_COOKIE = "rows"
FOLDED_COOKIE = "folded"  # static/list.js writes it
_YEAR = 365 * 24 * 3600
# Shown unless somebody chose otherwise, and only when somebody did.
USUAL = {
    "responses": "Beginnings of the responses",
    "labels": "Safety and severity",
    "categories": "Harm categories",
    "notes": "Contradictions",
    "preferences": "Better and safer",
    "status": "Review status",
}
FURTHER = {
    "source": "Source model",
    "prompt_source": "Source of the prompt",
    "place": "Split and row",
    "length": "Characters",
}
COLUMNS = USUAL | FURTHER


@dataclass(frozen=True)
class ListDisplay:
    compact: bool = False
    columns: frozenset[str] = frozenset(USUAL)

    @property
    def hides(self) -> str:
        """The usual columns that are left out: the style sheet hides them."""
        return " ".join(name for name in USUAL if name not in self.columns)

    @property
    def further(self) -> frozenset[str]:
        return self.columns & FURTHER.keys()

    def __str__(self) -> str:
        return ".".join(["compact" if self.compact else "comfortable", *(c for c in COLUMNS if c in self.columns)])


def display_of(request: Request) -> ListDisplay:
    density, *columns = request.cookies.get(DISPLAY_COOKIE, "").split(".")
    if not density:
        return ListDisplay()
    return ListDisplay(density == "compact", frozenset(columns) & COLUMNS.keys())


def folded_facets(request: Request) -> frozenset[str]:
    return frozenset(request.cookies.get(FOLDED_COOKIE, "").split("."))


@router.post("/rows", dependencies=[needs(Action.SET_OWN)])
def choose_display(
    density: Annotated[str, Form()] = "comfortable",
    column: Annotated[list[str] | None, Form()] = None,
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    chosen = ListDisplay(density == "compact", frozenset(column or ()) & COLUMNS.keys())
    response = redirect(next)
    response.set_cookie(DISPLAY_COOKIE, str(chosen), max_age=_YEAR, httponly=True, samesite="lax")
    return response
