"""How a reviewer wants to review: changed by the parts of one page, each read from a form and kept with an event."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Reviewer
from app.models.event import record_event
from app.terms.blurring import EVERY_RESPONSE, MOST
from app.terms.keymap import ACTIONS, DEFAULT_KEYS, Keymap, may_be_key
from app.terms.profile import LARGEST_TEXT, SMALLEST_TEXT, Mode, Profile, Width

LONGEST_MINUTES, MOST_SEVERE = 600, 1000
_NEVER = "never"
_BLUR_FROM = {_NEVER: None} | {str(level): level for level in range(EVERY_RESPONSE, MOST + 1)}

_SIZES = {str(step): step for step in range(SMALLEST_TEXT, LARGEST_TEXT + 1)}


@dataclass(frozen=True)
class FilledForm:
    values: Mapping[str, Sequence[str]]
    profile: Profile  # as it is
    categories: Collection[str] = ()  # codes of the harm categories that the form has

    def one(self, name: str) -> str:
        return self.values[name][0].strip() if self.values.get(name) else ""

    def says_yes(self, name: str) -> bool:
        return self.one(name) == "yes"


def change_profile(db: Session, reviewer_id: int, **changes: Any) -> Profile:
    """Nothing is recorded of what stays as it was."""
    reviewer = db.get_one(Reviewer, reviewer_id)
    before, after = reviewer.profile, replace(reviewer.profile, **changes)
    if after != before:
        reviewer.profile = after
        said, now = before.to_json(), after.to_json()
        changed = [name for name in said if said[name] != now[name]]
        data = {"before": {name: said[name] for name in changed}, "after": {name: now[name] for name in changed}}
        record_event(db, "reviewer.profile_changed", data, reviewer_id=reviewer_id)
    return after


def _read_mode(form: FilledForm) -> dict[str, Any]:
    if (mode := form.one("mode")) not in list(Mode):
        raise InvalidInput("How you review (mode) must be open or blind.", "mode", list(Mode))
    return {"mode": Mode(mode)}


def _read_reviewing(form: FilledForm) -> dict[str, Any]:
    return _read_mode(form) | {"shuffles": form.says_yes("shuffles")}


def _read_blurring(form: FilledForm) -> dict[str, Any]:
    if (level := form.one("blur_from")) not in _BLUR_FROM:
        raise InvalidInput(
            f"What arrives blurred (blur_from) must be one of {', '.join(_BLUR_FROM)}.", "blur_from", list(_BLUR_FROM)
        )
    return {"blur_from": _BLUR_FROM[level], "blurs_blind": form.says_yes("blurs_blind")}


def _read_categories(form: FilledForm) -> dict[str, Any]:
    """Those of a dataset that is not there any more stay as they were."""
    offered, ticked = set(form.categories), set(form.values.get("opted_out", ()))
    if ticked - offered:
        raise InvalidInput(
            "What you do not want to see (opted_out) must be codes of harm categories of the datasets.",
            "opted_out",
            sorted(offered),
        )
    return {"opted_out": tuple(sorted(set(form.profile.opted_out) - offered | ticked))}


def _read_texts(form: FilledForm) -> dict[str, Any]:
    """Size, width or both: on the page of an entry each has buttons of its own."""
    changes: dict[str, Any] = {}
    if size := form.one("text_size"):
        if size not in _SIZES:
            raise InvalidInput(f"text_size must be one of {', '.join(_SIZES)}.", "text_size", list(_SIZES))
        changes["text_size"] = _SIZES[size]
    if width := form.one("text_width"):
        if width not in list(Width):
            raise InvalidInput("text_width must be narrow, normal or wide.", "text_width", list(Width))
        changes["text_width"] = Width(width)
    return changes


def _read_keys(form: FilledForm) -> dict[str, Any]:
    if form.one("action") == "defaults":
        return {"keymap": Keymap()}
    keys: dict[str, str] = {}
    for action in ACTIONS:
        field = f"key.{action.name}"
        key = read_key(form.one(field))
        if not may_be_key(key):
            raise InvalidInput(
                f"“{action.words}”: a key is one character that is no digit, no capital and not “?”, or one of "
                "Enter, Backspace, Delete, Insert, Home, End, PageUp, PageDown.",
                field,
            )
        if taken := next((name for name, other in keys.items() if other == key), None):
            words = next(other.words for other in ACTIONS if other.name == taken)
            raise InvalidInput(f"“{action.words}” and “{words}” cannot both have the key {key}.", field)
        keys[action.name] = key
    return {"keymap": Keymap(tuple(sorted(pair for pair in keys.items() if pair[1] != DEFAULT_KEYS[pair[0]])))}


def read_key(typed: str) -> str:
    """As browsers call the key; capitals are typed by mistake, and are nobody's key."""
    return typed.lower() if len(typed) == 1 else typed.capitalize().replace("up", "Up").replace("down", "Down")


def _read_breaks(form: FilledForm) -> dict[str, Any]:
    return {
        "break_minutes": _read_number(form, "break_minutes", "The minutes of reviewing", LONGEST_MINUTES),
        "break_severe": _read_number(form, "break_severe", "The number of severe entries", MOST_SEVERE),
    }


def _read_number(form: FilledForm, name: str, words: str, most: int) -> int:
    typed = form.one(name)
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 6 or int(typed) > most:
        raise InvalidInput(f"{words} must be a number from 0 to {most}.", name)
    return int(typed)


# By part of the page: what its form changes. Each raises InvalidInput, which names the field.
SECTIONS: Mapping[str, Callable[[FilledForm], dict[str, Any]]] = {
    "mode": _read_mode,
    "reviewing": _read_reviewing,
    "blurring": _read_blurring,
    "opt-out": _read_categories,
    "keys": _read_keys,
    "breaks": _read_breaks,
    "texts": _read_texts,
}
