"""Label facets as bitmaps: which entries have which value."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from pyroaring import BitMap

from app.browsing.facets import UNKNOWN
from app.models.contradiction import EXPLANATIONS, HELPFUL_BUT_UNSAFE, Contradiction, Explanation
from app.models.taxonomy import Taxonomy

Postings = dict[str, dict[str, BitMap]]  # facet -> value -> entry ids


class Labels(NamedTuple):
    """What an entry's label facets are computed from; few combinations of it occur."""

    split: str
    subset: str | None
    prompt_source: str | None
    better: int | None
    safer: int | None
    contradictions: int
    source_0: str | None
    safe_0: bool | None
    severity_0: int | None
    source_1: str | None
    safe_1: bool | None
    severity_1: int | None
    categories_differ: bool

    @property
    def severity(self) -> int | None:
        """The highest of the pair that is known."""
        return max((s for s in (self.severity_0, self.severity_1) if s is not None), default=None)


def collect_postings(
    ids_by_labels: dict[Labels, "array[int]"], ids_by_mask: dict[int, "array[int]"], taxonomy: Taxonomy
) -> Postings:
    postings: Postings = defaultdict(lambda: defaultdict(BitMap))
    for labels, ids in ids_by_labels.items():
        bitmap = BitMap(ids)
        for facet, value in _facet_values(labels):
            postings[facet][value] |= bitmap
    for mask, ids in ids_by_mask.items():
        bitmap = BitMap(ids)
        for code in taxonomy.codes(mask):
            postings["category"][code] |= bitmap
    return {facet: dict(values) for facet, values in postings.items()}


def _facet_values(labels: Labels) -> Iterator[tuple[str, str]]:
    yield "split", labels.split
    yield "safety", _safety(labels.safe_0, labels.safe_1)
    for facet in ("severity", "severity_0", "severity_1", "better", "safer"):
        value = getattr(labels, facet)
        yield facet, UNKNOWN if value is None else str(value)
    yield "conflict", _conflict(labels.better, labels.safer)
    yield from (("relation", relation) for relation in _relations(labels))
    yield from (("contradiction", c.slug) for c in Contradiction(labels.contradictions))
    sources = {labels.source_0, labels.source_1}
    yield from (("source", source) for source in sources if source is not None)
    if labels.subset is not None:
        yield "subset", labels.subset
    if labels.prompt_source is not None:
        yield "prompt_source", labels.prompt_source


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


def is_helpful_but_unsafe(better: int | None, safe_0: bool | None, safe_1: bool | None) -> bool:
    """The better response is the unsafe one of the two."""
    return (better == 0 and safe_0 is False and safe_1 is True) or (better == 1 and safe_1 is False and safe_0 is True)


def notes_of(contradictions: int, better: int | None, safe_0: bool | None, safe_1: bool | None) -> list[Explanation]:
    """What is remarkable about an entry, for people."""
    notes = [HELPFUL_BUT_UNSAFE] if is_helpful_but_unsafe(better, safe_0, safe_1) else []
    return notes + [EXPLANATIONS[c] for c in Contradiction(contradictions)] if contradictions else notes


def _relations(labels: Labels) -> Iterator[str]:
    if is_helpful_but_unsafe(labels.better, labels.safe_0, labels.safe_1):
        yield "helpful_but_unsafe"
    if None not in (labels.severity_0, labels.severity_1) and labels.severity_0 != labels.severity_1:
        yield "severity_differs"
    if labels.categories_differ:
        yield "categories_differ"
