"""Which of the forms that there are a client wants, by its Accept header (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence

from app.errors import NotAcceptable

_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?")


def chosen_form(accept: str | None, forms: Sequence[str]) -> str:
    """The one it likes best; of several the first. Raises NotAcceptable."""
    if not accept or accept == "*/*":
        return forms[0]
    ranges = [_read(part) for part in accept.split(",")]
    best = max(forms, key=lambda form: _quality(form, ranges))
    if not _quality(best, ranges):
        raise NotAcceptable(f"This can be had as {' or '.join(forms)}.")
    return best


def _read(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    return name, float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _quality(form: str, ranges: Sequence[tuple[str, float]]) -> float:
    """By the range that names it most exactly."""
    for wanted in (form, f"{form.split('/')[0]}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0
