"""A review as a form: what is shown of each label field, and what came back from the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from app.comparing.entries import StoredLabel
from app.models.label_field import LabelField, LabelKind, LabelValue
from app.terms.taxonomy import Taxonomy


@dataclass(frozen=True)
class Choice:
    """A value that a corrected label may have; `value` is what the form sends."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class TypedVerdict:
    """One field's part of a form, as it came."""

    verdict: str = ""
    corrected: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.verdict


@dataclass(frozen=True)
class TypedReview:
    """A whole form, as it came; label field names that the dataset has not are an error later, not here."""

    verdicts: Mapping[str, TypedVerdict] = field(default_factory=dict)
    comment: str = ""
    flagged: bool = False
    revision: int = 0  # of the review that the form was filled in on; 0 for none


@dataclass(frozen=True)
class OutdatedVerdict:
    """What was said of a value that is no longer there."""

    stored_words: str
    said: str


@dataclass(frozen=True)
class FieldForm:
    field: LabelField
    stored: LabelValue
    stored_words: str
    choices: tuple[Choice, ...]  # what it may be instead, or all categories
    typed: TypedVerdict = TypedVerdict()
    error: str | None = None
    outdated: OutdatedVerdict | None = None

    def __hash__(self) -> int:
        """Stored categories are a list; their words say the same."""
        return hash((self.field, self.stored_words, self.typed, self.error, self.outdated))

    @property
    def is_known(self) -> bool:
        """An unknown label cannot be agreed with."""
        return self.stored is not None

    @property
    def takes_several(self) -> bool:
        return self.field.kind is LabelKind.CATEGORIES

    @property
    def needs_choice(self) -> bool:
        """False when "disagree" leaves one value only, which then is the corrected one."""
        return len(self.choices) != 1

    def chosen(self, choice: Choice) -> bool:
        """Categories begin as stored, since most corrections add or drop one."""
        if self.takes_several and self.typed.verdict != "disagree" and isinstance(self.stored, list):
            return choice.value in self.stored
        return choice.value in self.typed.corrected


@dataclass(frozen=True)
class Difference:
    """One thing that the saved review and the one just sent say differently."""

    title: str
    saved: str
    sent: str


@dataclass(frozen=True)
class ReviewForm:
    fields: tuple[FieldForm, ...]
    comment: str
    flagged: bool
    revision: int
    state: str  # new, draft, submitted, withdrawn
    updated_at: datetime | None = None
    error: str | None = None
    differences: tuple[Difference, ...] | None = None  # set when the save was refused as stale

    def of_response(self, position: int | None) -> list[FieldForm]:
        """The fields of a response; of None, those of the pair."""
        return [f for f in self.fields if f.field.position == position]


def field_form(
    label: StoredLabel,
    taxonomy: Taxonomy,
    typed: TypedVerdict | None = None,
    error: str | None = None,
    outdated: OutdatedVerdict | None = None,
) -> FieldForm:
    return FieldForm(
        label.field,
        label.value,
        label.field.words(label.value, taxonomy),
        choices(label, taxonomy),
        typed or TypedVerdict(),
        error,
        outdated,
    )


@lru_cache(maxsize=64)
def _category_choices(taxonomy: Taxonomy) -> tuple[Choice, ...]:
    return tuple(Choice(c.code, c.name, c.definition) for c in taxonomy.categories)


def choices(label: StoredLabel, taxonomy: Taxonomy) -> tuple[Choice, ...]:
    kind = label.field.kind
    if kind is LabelKind.CATEGORIES:
        return _category_choices(taxonomy)
    levels = [severity.level for severity in taxonomy.severities]
    by_kind: dict[LabelKind, Sequence[bool | int]] = {
        LabelKind.SAFE: [True, False],
        LabelKind.SEVERITY: levels,
        LabelKind.SIDE: [0, 1],
    }
    values = by_kind[kind]
    others = [value for value in values if value is not label.value and value != label.value]
    return tuple(Choice(str(value).lower(), label.field.words(value, taxonomy)) for value in others)
