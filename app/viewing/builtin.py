"""The views that every dataset has from the start, as far as its entries have what they ask for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.browsing.facets import Facet
from app.browsing.notes import ANNOTATIONS_DIFFER
from app.browsing.shape import Shape
from app.terms.contradiction import HELPFUL_BUT_UNSAFE
from app.terms.unit import Unit

_REPEATED = {
    Unit.PAIR: "Prompts with many pairs",
    Unit.SINGLE: "Prompts with many responses",
    Unit.PROMPT: "Repeated prompts",
}
_REVIEWS = {"Disputed": "disputed", "Not yet reviewed": "unreviewed"}


@dataclass(frozen=True)
class BuiltIn:
    name: str
    asked: Mapping[str, str]  # parameter to value
    about: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(self.asked.items())


def builtin_views(shape: Shape, facets: Sequence[Facet]) -> list[BuiltIn]:
    by_name = {facet.name: facet for facet in facets}

    def is_known(view: BuiltIn) -> bool:
        return all(name in by_name and value in by_name[name].by_value for name, value in view.asked.items())

    return [view for view in _candidates(shape, by_name) if is_known(view)]


def _candidates(shape: Shape, facets: Mapping[str, Facet]) -> Iterator[BuiltIn]:
    yield BuiltIn("Helpful but unsafe", {"relation": "helpful_but_unsafe"}, HELPFUL_BUT_UNSAFE.sentence)
    yield BuiltIn("Both unsafe, severity 3", {"safety": "both_unsafe", "severity": "3"})
    yield BuiltIn("Unsafe, severity 3", {"safety": "unsafe", "severity": "3"})
    yield BuiltIn("Annotations differ", {"relation": "annotations_differ"}, ANNOTATIONS_DIFFER.sentence)
    if "contradiction" in facets:
        for value in facets["contradiction"].values:
            yield BuiltIn(value.label.capitalize(), {"contradiction": value.value}, value.hint)
    if shape.label_fields:  # without labels nobody can dispute one
        for name, status in _REVIEWS.items():
            yield BuiltIn(name, {"status": status})
    yield BuiltIn("Flagged", {"flag": "yes"})
    yield BuiltIn(_REPEATED[shape.unit], {"relation": "prompt_repeated"})
