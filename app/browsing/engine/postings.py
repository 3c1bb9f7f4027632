"""Label facets as bitmaps: which entries have which value."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

from pyroaring import BitMap

from app.browsing.facets import UNKNOWN
from app.browsing.notes import is_helpful_but_unsafe
from app.browsing.shape import Shape
from app.terms.contradiction import Contradiction
from app.terms.unit import Unit

Postings = dict[str, dict[str, BitMap]]  # facet -> value -> entry ids


class Labels(NamedTuple):
    """What an entry's label facets are computed from; few combinations of it occur."""

    split: str
    subset: str | None
    prompt_source: str | None
    better: int | None
    safer: int | None
    contradictions: int
    withdrawn: bool
    source_0: str | None
    safe_0: bool | None
    severity_0: int | None
    source_1: str | None
    safe_1: bool | None
    severity_1: int | None
    categories_differ: bool
    has_hash: bool

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> Self:
        """As the database has them, with 0 and 1 for false and true."""
        labels = cls._make(row)
        safe_0, safe_1 = (None if safe is None else bool(safe) for safe in (labels.safe_0, labels.safe_1))
        return labels._replace(safe_0=safe_0, safe_1=safe_1)

    @property
    def severity(self) -> int | None:
        """The highest of the responses that is known."""
        return max((s for s in (self.severity_0, self.severity_1) if s is not None), default=None)


def collect_postings(
    ids_by_labels: dict[Labels, "array[int]"], ids_by_mask: dict[int, "array[int]"], shape: Shape
) -> Postings:
    postings: Postings = defaultdict(lambda: defaultdict(BitMap))
    for labels, ids in ids_by_labels.items():
        bitmap = BitMap(ids)
        for facet, value in _facet_values(labels, shape.unit):
            postings[facet][value] |= bitmap
    for mask, ids in ids_by_mask.items():
        bitmap = BitMap(ids)
        for code in shape.taxonomy.codes(mask):
            postings["category"][code] |= bitmap
    return {facet: dict(values) for facet, values in postings.items()}


def _facet_values(labels: Labels, unit: Unit) -> Iterator[tuple[str, str]]:
    yield "split", labels.split
    if labels.withdrawn:
        yield "withdrawn", "yes"
    if labels.subset is not None:
        yield "subset", labels.subset
    if labels.prompt_source is not None:
        yield "prompt_source", labels.prompt_source
    if unit is not Unit.PROMPT:
        yield from _of_responses(labels, unit)
    if unit is Unit.PAIR:
        yield from _of_pair(labels)


def _of_responses(labels: Labels, unit: Unit) -> Iterator[tuple[str, str]]:
    yield "safety", _safety(labels.safe_0, labels.safe_1) if unit is Unit.PAIR else _safety_of(labels.safe_0)
    yield "severity", _known(labels.severity)
    yield from (("source", source) for source in {labels.source_0, labels.source_1} if source is not None)
    found = Contradiction(labels.contradictions)
    if unit is Unit.SINGLE:
        if Contradiction.DUPLICATE in found:
            yield "relation", "annotated_again"
        if Contradiction.DUPLICATE_LABELS_DIFFER in found:
            yield "relation", "annotations_differ"
    yield from (("contradiction", contradiction.slug) for contradiction in found)


def _of_pair(labels: Labels) -> Iterator[tuple[str, str]]:
    for facet in ("severity_0", "severity_1", "better", "safer"):
        yield facet, _known(getattr(labels, facet))
    yield "conflict", _conflict(labels.better, labels.safer)
    if is_helpful_but_unsafe(labels.better, labels.safe_0, labels.safe_1):
        yield "relation", "helpful_but_unsafe"
    if None not in (labels.severity_0, labels.severity_1) and labels.severity_0 != labels.severity_1:
        yield "relation", "severity_differs"
    if labels.categories_differ:
        yield "relation", "categories_differ"


def _known(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _safety_of(is_safe: bool | None) -> str:
    if is_safe is None:
        return UNKNOWN
    return "safe" if is_safe else "unsafe"


def _safety(safe_0: bool | None, safe_1: bool | None) -> str:
    if safe_0 is None or safe_1 is None:
        return UNKNOWN
    if safe_0:
        return "both_safe" if safe_1 else "only_0_safe"
    return "only_1_safe" if safe_1 else "both_unsafe"


def _conflict(better: int | None, safer: int | None) -> str:
    if better is None or safer is None:
        return UNKNOWN
    return "no" if better == safer else "yes"


class Prompts(NamedTuple):
    distinct: int
    repeated: BitMap  # entries whose prompt another entry has too
    in_several_splits: BitMap


def compare_prompts(groups: Iterable[list[int]], splits: Iterable[BitMap]) -> Prompts:
    """Each group holds the entries with one prompt."""
    distinct, repeated, several = 0, array("I"), array("I")
    by_split = list(splits)
    for ids in groups:
        distinct += 1
        if len(ids) > 1:
            repeated.extend(ids)
            if len(by_split) > 1 and not _is_in_one(ids, by_split):
                several.extend(ids)
    return Prompts(distinct, BitMap(repeated), BitMap(several))


def _is_in_one(ids: list[int], splits: list[BitMap]) -> bool:
    first = next(split for split in splits if ids[0] in split)
    return all(entry_id in first for entry_id in ids)
