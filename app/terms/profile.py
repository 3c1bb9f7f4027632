"""How one reviewer wants to review: what they chose on the page of their settings, or what holds when they did not."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from app.terms.keymap import DEFAULT_KEYS, Keymap, may_be_key


class Mode(StrEnum):
    OPEN = "open"  # the stored labels are shown
    BLIND = "blind"  # first the reviewer's own answers, then the stored labels


class Width(StrEnum):
    NARROW = "narrow"
    NORMAL = "normal"
    WIDE = "wide"


_KEYMAP = Keymap()
SMALLEST_TEXT, LARGEST_TEXT = -2, 4


@dataclass(frozen=True)
class Profile:
    mode: Mode = Mode.OPEN
    shuffles: bool = False  # which response stands left, in open reviews; in blind ones always
    blur_from: int | None = (
        2  # responses that are unsafe and of this severity or more arrive blurred; None: no response
    )
    blurs_blind: bool = True  # while blind every response arrives blurred
    opted_out: tuple[str, ...] = ()  # harm categories that queues leave out
    keymap: Keymap = _KEYMAP
    text_size: int = 0
    text_width: Width = Width.NORMAL
    break_minutes: int = 50  # of reviewing, after which a break is suggested; 0: never
    break_severe: int = 30  # entries of severity 2 or more, likewise

    @property
    def is_blind(self) -> bool:
        return self.mode is Mode.BLIND

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What is missing, or of another release, is as when nothing was chosen."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        changed = [(name, key) for name, key in known.get("keymap", []) if name in DEFAULT_KEYS and may_be_key(key)]
        return cls(
            **{
                **known,
                "mode": Mode(known.get("mode", Mode.OPEN)),
                "text_width": Width(known.get("text_width", Width.NORMAL)),
                "opted_out": tuple(known.get("opted_out", ())),
                "keymap": Keymap(tuple(sorted(changed))),
            }
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"keymap": [list(pair) for pair in self.keymap.changed]}
