"""The keys of the review screen: what each does, which one it is, and which a reviewer may take instead.

Digits are nobody's to change: they choose a label, a severity level, a response or a kind of flag, by where one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class KeyAction:
    name: str
    key: str
    words: str

    @property
    def is_answer(self) -> bool:
        """It says something of a label."""
        return self.name in ANSWERING


# They have no button of their own but the label field's.
ANSWERING = ("agree", "disagree", "unsure", "safe", "unsafe", "tie", "take_back")
ACTIONS = (
    KeyAction("agree", "a", "agree with the stored label; after the reveal: the stored one is right"),
    KeyAction("disagree", "d", "disagree with the stored label; after the reveal: keep mine"),
    KeyAction("unsure", "u", "unsure; while blind: cannot judge"),
    KeyAction("safe", "s", "safe"),
    KeyAction("unsafe", "x", "unsafe"),
    KeyAction("tie", "=", "neither response: a tie"),
    KeyAction("take_back", "Backspace", "take the answer back"),
    KeyAction("rest", "Enter", "agree with the rest, or keep mine, and go on; while blind: reveal"),
    KeyAction("save", "w", "save what is answered and go on"),
    KeyAction("skip", "n", "skip: the entry comes again at the end"),
    KeyAction("undo", "z", "undo the latest decision, and the one before, and so on"),
    KeyAction("flag", "f", "flag"),
    KeyAction("comment", "c", "comment"),
    KeyAction("blur", "b", "show or blur the texts"),
    KeyAction("leave", "q", "leave the texts at once, for a neutral page"),
    KeyAction("diff", "v", "what differs between the two responses"),
    KeyAction("find", "/", "find in this pair"),
    KeyAction("definitions", "g", "categories, severity levels and guideline"),
    KeyAction("larger", "+", "larger text"),
    KeyAction("smaller", "-", "smaller text"),
    KeyAction("previous", "[", "previous entry"),
    KeyAction("next", "]", "next entry, without saving"),
    KeyAction("list", "l", "back to the list"),
)
DEFAULT_KEYS: Mapping[str, str] = {action.name: action.key for action in ACTIONS}
_NAMES = {"Enter": "↵", "Backspace": "⌫", " ": "space", "ArrowLeft": "←", "ArrowRight": "→"}
_NAMED_KEYS = ("Enter", "Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown")


@dataclass(frozen=True)
class Keymap:
    """Key by action, as a tuple, so that what is rendered with it can be remembered."""

    changed: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, action: str) -> str:
        """As browsers call the key."""
        return _keys(self)[action]

    def cap(self, action: str) -> str:
        """As it is printed on a button."""
        key = self[action]
        return _NAMES.get(key, key)

    @property
    def keys(self) -> Mapping[str, str]:
        return _keys(self)


@lru_cache(maxsize=256)
def _keys(keymap: Keymap) -> Mapping[str, str]:
    return {**DEFAULT_KEYS, **dict(keymap.changed)}


def may_be_key(key: str) -> bool:
    """One visible character that is no digit and no upper-case letter, or a key with a name that does no harm."""
    is_character = len(key) == 1 and key.isprintable() and not key.isspace() and not key.isdigit() and key != "?"
    return key in _NAMED_KEYS or (is_character and key == key.lower())
