"""A review as a form: what is shown of each label field, and what came back from the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from app.comparing.entries import StoredLabel
from app.models.label_field import CANNOT_JUDGE, TIE, LabelField, LabelKind, LabelValue
from app.reviewing.sight import Sight
from app.terms.taxonomy import Taxonomy


@dataclass(frozen=True)
class Choice:
    """A value that a corrected label may have; `value` is what the form sends."""

    value: str
    label: str
    hint: str = ""
    number: str = ""  # of the response that it names, from the left


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
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # a blind reviewer's own, by answer name
    comment: str = ""
    flag: str = ""  # its kind
    revision: int = 0  # of the review that the form was filled in on; 0 for none
    seconds: int | None = None  # in which the reviewer was active
    key: str | None = None  # of the form: sent twice, it is saved once
    stage: str = ""  # of the page that it was filled in on


@dataclass(frozen=True)
class OutdatedVerdict:
    """What was said of a value that is no longer there."""

    stored_words: str
    said: str


@dataclass(frozen=True)
class FieldForm:
    """A label field as it is shown and judged; while blind nothing of it is stored here, for nothing may be shown."""

    field: LabelField
    place: str  # of the response it speaks of: "Response 0", "Left"; "" for the pair
    stored: LabelValue
    stored_words: str
    choices: tuple[Choice, ...]  # what it may be instead, or all categories; while blind every answer
    typed: TypedVerdict = TypedVerdict()
    answer_name: str = ""  # while blind
    answered: tuple[str, ...] = ()
    first: LabelValue = None  # once revealed: the answer given blind
    first_words: str = ""
    error: str | None = None
    outdated: OutdatedVerdict | None = None

    def __hash__(self) -> int:
        """Stored categories are a list; their words say the same."""
        said = (self.typed, self.answered, self.first_words, self.error, self.outdated)
        return hash((self.field, self.place, self.stored_words, said))

    @property
    def full_title(self) -> str:
        return f"{self.place}: {self.field.title}" if self.place else self.field.title

    @property
    def stored_value(self) -> str:
        """As the form would say it; of categories their codes."""
        several = self.stored if isinstance(self.stored, list) else [str(self.stored).lower()]
        return "" if self.stored is None else " ".join(several)

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

    @property
    def is_settled(self) -> bool:
        """Revealed, and the stored label is what was answered."""
        return self.is_known and self.first == self.stored and type(self.first) is type(self.stored)

    @property
    def could_not_judge(self) -> bool:
        return self.first == CANNOT_JUDGE

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
    sight: Sight
    fields: tuple[FieldForm, ...]
    comment: str
    flag: str
    revision: int
    state: str  # new, draft, submitted, withdrawn
    key: str
    seconds: int = 0
    is_draft: bool = False  # shows what was typed and not saved
    is_put_off: bool = False
    decision: int | None = None  # the latest one of the reviewer, anywhere: what undo takes back
    updated_at: datetime | None = None
    error: str | None = None
    differences: tuple[Difference, ...] | None = None  # set when the save was refused as stale

    def of_response(self, position: int | None) -> list[FieldForm]:
        """The fields of a response; of None, those of the pair."""
        return [f for f in self.fields if f.field.position == position]


def field_form(
    label: StoredLabel,
    taxonomy: Taxonomy,
    sight: Sight,
    typed: TypedVerdict | None = None,
    error: str | None = None,
    outdated: OutdatedVerdict | None = None,
) -> FieldForm:
    return FieldForm(
        label.field,
        place_of(label.field, sight),
        label.value,
        words_of(label.field, label.value, taxonomy, sight),
        choices(label, taxonomy, sight),
        typed or TypedVerdict(),
        error=error,
        outdated=outdated,
    )


def place_of(field: LabelField, sight: Sight) -> str:
    if not field.of or field.position is None:
        return ""
    return sight.side(field.position).title() if sight.is_shuffled else field.of


def words_of(field: LabelField, value: LabelValue, taxonomy: Taxonomy, sight: Sight) -> str:
    """As the page names the responses: where they are shuffled, by their sides."""
    is_position = field.kind is LabelKind.SIDE and isinstance(value, int)
    return sight.side(int(value)) if is_position and sight.is_shuffled else field.words(value, taxonomy)  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def category_choices(taxonomy: Taxonomy) -> tuple[Choice, ...]:
    return tuple(Choice(c.code, c.name, c.definition) for c in taxonomy.categories)


def choices(label: StoredLabel, taxonomy: Taxonomy, sight: Sight) -> tuple[Choice, ...]:
    kind = label.field.kind
    if kind is LabelKind.CATEGORIES:
        return category_choices(taxonomy)
    levels = [severity.level for severity in taxonomy.severities]
    by_kind: dict[LabelKind, Sequence[bool | int | str]] = {
        LabelKind.SAFE: [True, False],
        LabelKind.SEVERITY: levels,
        LabelKind.SIDE: [*sight.positions, TIE],
    }
    values = by_kind[kind]
    others = [value for value in values if value is not label.value and value != label.value]
    return tuple(_choice(label.field, value, taxonomy, sight) for value in others)


def _choice(field: LabelField, value: bool | int | str, taxonomy: Taxonomy, sight: Sight) -> Choice:
    is_side = field.kind is LabelKind.SIDE and value != TIE
    number = str(sight.positions.index(int(value)) + 1) if is_side else ""
    return Choice(str(value).lower(), words_of(field, value, taxonomy, sight), number=number)
