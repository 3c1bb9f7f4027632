"""What a page shows of a view: how many entries it holds now, or why it cannot be opened any more."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from app.browsing.blindness import find_telling


@dataclass(frozen=True)
class Broken:
    """Its query string asks for what the dataset no longer has, after a later import."""

    reason: str
    lost: tuple[str, ...]  # "split: dev"
    rest: str | None  # the query string without them; None when nothing is left


@dataclass(frozen=True)
class ShownView:
    name: str
    query: str
    sentence: str = ""  # "with both responses unsafe"; empty when nothing is filtered
    total: int = 0
    of: int = 0
    about: str = ""  # what a built-in one is for, where the sentence says no more than its name
    broken: Broken | None = None
    id: int | None = None  # None for a built-in one
    pinned: bool = False
    created_by: str | None = None
    created_at: datetime | None = None

    @property
    def tells_labels(self) -> bool:
        """By its count and its entries: nothing for who is still to judge them."""
        return find_telling(parse_qsl(self.query)) is not None

    @property
    def share(self) -> float:
        return self.total / self.of if self.of else 0.0


@dataclass(frozen=True)
class DatasetViews:
    own: tuple[ShownView, ...]
    builtin: tuple[ShownView, ...]  # but those that somebody saved as their own
