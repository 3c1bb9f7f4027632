"""What a revision of a source says of an entry that is here already: labels that changed, and the facts beside them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.importing.batches import ReadRow
from app.importing.facts import Existing, Facts, RawLabels
from app.importing.sources import SourceFile
from app.models.label_field import LABEL_FIELDS, LabelField, LabelKind, LabelValue, encode_value
from app.terms.contradiction import ACROSS_ENTRIES
from app.terms.taxonomy import Taxonomy

_ACROSS = int(ACROSS_ENTRIES)


class ChangedLabel(NamedTuple):
    entry_id: int
    label_field: str
    old_value: str  # canonical JSON
    new_value: str


class Revision(NamedTuple):
    entry: Existing
    facts: Facts
    changed: tuple[ChangedLabel, ...]

    @property
    def is_other(self) -> bool:
        return self.facts != self.entry.facts


class Reviser(NamedTuple):
    """Speaks for one source: `fields` are the labels it has. Of others an entry keeps what it says."""

    fields: tuple[str, ...]
    taxonomy: Taxonomy
    has_all_fields: bool

    def revise(self, entry: Existing, row: ReadRow, file: SourceFile) -> Revision:
        old = entry.facts
        labels = row.labels if self.has_all_fields else _merged(old.labels, row.labels, self.fields)
        marks = row.contradictions | old.contradictions & _ACROSS if self.has_all_fields else old.contradictions
        facts = Facts(
            file.subset or old.subset,
            row.number,
            row.prompt_source or old.prompt_source,
            marks,
            row.extra or old.extra,
            _first_known([source for _, source, *_ in row.responses], old.sources),
            _first_known([sha256 for *_, sha256 in row.responses], old.hashes),
            labels,
        )
        return self.adopt(entry, facts)

    def adopt(self, entry: Existing, facts: Facts) -> Revision:
        """The entry is to say what these facts say."""
        old, new = entry.facts.labels, facts.labels
        return Revision(entry, facts, () if old == new else tuple(self._changed(entry.id, old, new)))

    def _changed(self, entry_id: int, old: RawLabels, new: RawLabels) -> Iterator[ChangedLabel]:
        for name in self.fields:
            field = LABEL_FIELDS[name]
            values = [encode_value(_value(labels, field, self.taxonomy)) for labels in (old, new)]
            if values[0] != values[1]:
                yield ChangedLabel(entry_id, name, *values)


def _first_known(new: Sequence[str | None], old: Sequence[str | None]) -> tuple[str | None, ...]:
    return tuple(one or other for one, other in zip(new, old, strict=True))


_PLACES = {LabelKind.SAFE: 0, LabelKind.SEVERITY: 1, LabelKind.CATEGORIES: 2}


def _value(labels: RawLabels, field: LabelField, taxonomy: Taxonomy) -> LabelValue:
    if field.position is None:
        return getattr(labels, field.name)  # type: ignore[no-any-return]
    value = labels.responses[field.position][_PLACES[field.kind]]
    return taxonomy.codes(value) if field.kind is LabelKind.CATEGORIES and value is not None else value


def _merged(old: RawLabels, new: RawLabels, fields: Sequence[str]) -> RawLabels:
    sides = {
        name: getattr(new if name in fields else old, name) for name in ("better_response_id", "safer_response_id")
    }
    responses = []
    for position, (was, now) in enumerate(zip(old.responses, new.responses, strict=True)):
        has = [f"response_{position}.{name}" in fields for name in ("is_safe", "severity_level", "harm_categories")]
        responses.append(tuple(new if there else old for there, new, old in zip(has, now, was, strict=True)))
    return RawLabels(**sides, responses=tuple(responses))
