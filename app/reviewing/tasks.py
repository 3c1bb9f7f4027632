"""Under which conditions an entry is judged: as its reviewer likes, or as an item of a review session."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.comparing.entries import StoredLabel
from app.comparing.queries import stored_labels
from app.models import Dataset, Entry
from app.models.label_field import LabelField, fields_of


@dataclass(frozen=True)
class Task:
    item_id: int = 0  # 0: outside of sessions
    session_id: int = 0
    session: str = ""  # its name
    is_blind: bool | None = None  # None: as the reviewer's profile says
    shuffles: bool | None = None
    label_fields: frozenset[str] | None = None  # that are asked; None: all
    guideline_id: int | None = None  # None: the newest
    is_practice: bool = False

    def asked_fields(self, dataset: Dataset) -> Sequence[LabelField]:
        fields = fields_of(dataset)
        return [field for field in fields if self.asks(field)] if self.label_fields is not None else fields

    def asked_labels(self, entry: Entry) -> Sequence[StoredLabel]:
        return [label for label in stored_labels(entry, entry.dataset) if self.asks(label.field)]

    def asks(self, field: LabelField) -> bool:
        return self.label_fields is None or field.name in self.label_fields


FREE = Task()
