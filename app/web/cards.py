"""Dataset cards and guidelines, which are Markdown, as HTML that is safe to show.

Anybody may have written them, so nothing of them is trusted: markup in it is left out, pictures become links to them,
and what Markdown makes of the rest goes through a sanitiser. The Markup made here is the only HTML that templates
pass on as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from app.importing.card_facts import CardBody, read_body

_LEVELS = range(3, 7)  # of a card's headings: h1 is the page's, h2 the section's
_PREFIX = "card-"  # of ids, so that none of a card's is one of the page's
_TAGS = "a blockquote br code div em h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul"


def _local(url: str) -> str | None:
    """A link within the card goes on working; one to a file beside the card has nothing here to point at."""
    return f"#{_PREFIX}{url[1:]}" if url.startswith("#") else None


_SANITIZER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    attributes={
        "a": {"href"},
        "ol": {"start"},
        "div": {"aria-label", "role", "tabindex"},
        **{f"h{level}": {"id"} for level in _LEVELS},
    },
    allowed_classes={"div": {"table-scroll"}},
    url_schemes={"http", "https", "mailto"},
    url_relative=_local,
    link_rel="noopener noreferrer nofollow",
    id_prefix=_PREFIX,
)
_TEXT_ONLY = nh3.Cleaner(tags=set())


def _demote_headings(state: StateCore) -> None:
    """The highest ones become h3, and none is more than one below the one before it."""
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1:]) for token in headings), default=1)
    before = _LEVELS[0] - 1
    for token in headings:
        if token.nesting > 0:
            before = min(int(token.tag[1:]) - highest + _LEVELS[0], before + 1, _LEVELS[-1])
        token.tag = f"h{before}"


def _name_headings(state: StateCore) -> None:
    """For links within a card; only in the whole of it, so that no name stands on the page twice."""
    if not state.env.get("named"):
        return
    seen: dict[str, int] = {}
    for token, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if token.type == "heading_open":
            name = re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-")
            seen[name] = seen.get(name, -1) + 1
            token.attrSet("id", f"{name}-{seen[name]}" if seen[name] else name)


def _mark_linked_images(state: StateCore) -> None:
    """A picture that already is a link cannot become another one."""
    for block in state.tokens:
        depth = 0
        for token in block.children or ():
            depth += token.nesting if token.type.startswith("link_") else 0
            if token.type == "image":
                token.meta["linked"] = depth > 0


def _image(_r: RendererHTML, tokens: Sequence[Token], place: int, _o: OptionsDict, _env: EnvType) -> str:
    token = tokens[place]
    words = escape(f"picture: {token.content}" if token.content else "picture")
    return words if token.meta["linked"] else f'<a href="{escape(str(token.attrGet("src")))}">{words}</a>'


def _html_inline(_r: RendererHTML, tokens: Sequence[Token], place: int, _o: OptionsDict, _env: EnvType) -> str:
    return "<br>" if tokens[place].content.lower().startswith("<br") else ""


def _html_block(_r: RendererHTML, tokens: Sequence[Token], place: int, _o: OptionsDict, _env: EnvType) -> str:
    text = _TEXT_ONLY.clean(tokens[place].content).strip()
    return f"<p>{text}</p>" if text else ""


def _table_open(_r: RendererHTML, _t: Sequence[Token], _p: int, _o: OptionsDict, _env: EnvType) -> str:
    return '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>'


def _table_close(_r: RendererHTML, _t: Sequence[Token], _p: int, _o: OptionsDict, _env: EnvType) -> str:
    return "</table></div>"


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for change in (_demote_headings, _name_headings, _mark_linked_images):
        markdown.core.ruler.push(change.__name__, change)
    for rule in (_image, _html_inline, _html_block, _table_open, _table_close):
        markdown.add_render_rule(rule.__name__.removeprefix("_"), rule)
    return markdown


_MARKDOWN = _markdown()


@dataclass(frozen=True)
class ShownCard:
    summary: Markup
    collection: Markup
    whole: Markup
    citation: str
    is_cut: bool


@lru_cache(maxsize=16)
def show_card(card: str) -> ShownCard:
    body = read_body(card)
    return ShownCard(
        summary=_shown(body, body.summary),
        collection=_shown(body, body.collection),
        whole=_shown(body, body.whole, named=True),
        citation=body.citation,
        is_cut=body.is_cut,
    )


@lru_cache(maxsize=16)
def show_markdown(text: str) -> Markup:
    """Of a text that is no card: as it is, from its first to its last line."""
    return Markup(_SANITIZER.clean(_MARKDOWN.render(text)))  # nosec B704 # noqa: S704 - just sanitised


def _shown(body: CardBody, passage: str, **env: Any) -> Markup:
    html = _MARKDOWN.render(passage, {"references": dict(body.references), **env})
    return Markup(_SANITIZER.clean(html))  # nosec B704 # noqa: S704 - just sanitised
