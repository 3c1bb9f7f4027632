"""Templates to answers: a page, or only its changing part when htmx asks for that."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256, sha384
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup

from app.accounts.visitors import Visitor
from app.resources import resource
from app.terms.flag_kind import FlagKind
from app.terms.keymap import ACTIONS, ANSWERING, Keymap
from app.web.csrf import keep_secret, with_tokens
from app.web.marking import marked, visible

TEXTS_COOKIE = "texts"
_LONGEST_ADDRESS = 8000
_IN_ADDRESSES = ":/%#?=@[]!$&'()*+,;"  # as RedirectResponse has it


@lru_cache(maxsize=8192)
def _number(value: int) -> str:
    return f"{value:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _when(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


@lru_cache
def _content_hash(name: str) -> str:
    return sha256((resource("static") / name).read_bytes()).hexdigest()[:12]


def _icon() -> str:
    """Within the page, which saves a request."""
    return "data:image/svg+xml," + quote((resource("static") / "icon.svg").read_text("utf-8").strip())


def static_url(name: str) -> str:
    """With a hash of the content, so that browsers may keep it for good."""
    return f"/static/{name}?v={_content_hash(name)}"


@lru_cache
def integrity(name: str) -> str:
    """Browsers run or apply nothing else under its address, whoever changed it on the way."""
    return "sha384-" + b64encode(sha384((resource("static") / name).read_bytes()).digest()).decode()


# Macro: its template, and for how many combinations of arguments what it makes is remembered.
_REMEMBERED = {
    "answer_row": ("review", 512),
    "browse_keys": ("keys", 1),
    "confirm_row": ("review", 512),
    "entry_facts": ("row_labels", 8192),
    "facet_group": ("facet_group", 1024),
    "field_row": ("review", 512),
    "general_keys": ("keys", 1),
    "flag_kinds": ("flag_kinds", 64),
    "plain_row": ("review", 512),
    "picker_choice": ("picker_choice", 8192),
    "review_keys": ("keys", 256),
    "veil_note": ("care", 512),
    "response_labels": ("row_labels", 8192),
}


def _remembered(template: str, macro: str, most: int) -> Callable[..., Markup]:
    """A macro that few combinations of arguments come to: rendering them anew was a third of a page's time."""

    @lru_cache(maxsize=most)
    def render_once(*arguments: object) -> Markup:
        found: Markup = getattr(_macros(template), macro)(*arguments)
        return found

    return render_once


@lru_cache
def _macros(template: str) -> TemplateModule:
    return ENVIRONMENT.get_template(template).module


@lru_cache(maxsize=256)
def _answering_keys(keymap: Keymap) -> str:
    """Of the actions that have no button of their own, for static/review.js."""
    return json.dumps({name: keymap[name] for name in ANSWERING})


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a page has a dozen templates, and would look at the file of each
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=_number, percent=_percent, when=_when, visible=visible, marked=marked)
    environment.globals.update(
        static=static_url,
        integrity=integrity,
        icon=_icon(),
        key_actions=ACTIONS,
        answering_keys=_answering_keys,
        kinds_of_flag=tuple(FlagKind),
    )
    for macro, (template, most) in _REMEMBERED.items():
        environment.globals[macro] = _remembered(f"components/{template}.html", macro, most)
    return environment


ENVIRONMENT = _environment()
_KEYMAP = Keymap()
_NOBODY = Visitor(is_team=True)  # nothing may be shown to who was not looked up
_BLANK = {"reviewer": None, "nav": "", "nav_dataset": None}


def wants_partial(request: Request) -> bool:
    """htmx asks for a fragment; when it restores history it wants the page."""
    return request.headers.get("hx-request-type") == "partial"


def render(
    request: Request,
    name: str,
    context: Mapping[str, Any],
    *,
    partial: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    chosen = partial if partial and wants_partial(request) else name
    reviewer = context.get("reviewer")
    html = ENVIRONMENT.get_template(chosen).render(
        {
            **_BLANK,
            "request": request,
            "here": here(request),
            "visitor": getattr(request.state, "visitor", _NOBODY),
            "was_looked_up": hasattr(request.state, "visitor"),
            "keymap": reviewer.profile.keymap if reviewer else _KEYMAP,
            "texts_shown": request.cookies.get(TEXTS_COOKIE) == "shown",
            **context,
        }
    )
    fixed = {"Vary": "HX-Request-Type, Cookie, Authorization", "Cache-Control": "private, no-cache"}
    response = HTMLResponse(with_tokens(request, html), status_code=status, headers={**fixed, **(headers or {})})
    keep_secret(request, response)
    return response


def redirect(to: str) -> RedirectResponse:
    """Only to a path of ours; whatever else was asked for ends at the overview."""
    return RedirectResponse(local_path(to), status_code=303)


def leave_page(request: Request, to: str) -> Response:
    """Opens another page: htmx would put what a plain redirect brings in the place of the form."""
    if wants_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": quote(local_path(to), safe=_IN_ADDRESSES)})
    return redirect(to)


def local_path(to: str) -> str:
    """Browsers drop tabs and line ends, read a backslash as a slash, and take what follows two of them for a host."""
    is_path = to.startswith("/") and not to.startswith("//") and len(to) <= _LONGEST_ADDRESS
    return to if is_path and to.isprintable() and "\\" not in to else "/"


def here(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
