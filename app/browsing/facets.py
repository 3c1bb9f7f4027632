"""What entries can be filtered by: each facet with its values, and how it speaks in the sentence over the list."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus

from app.browsing.notes import ANNOTATED_AGAIN, ANNOTATIONS_DIFFER
from app.browsing.shape import Shape
from app.terms.contradiction import EXPLANATIONS, HELPFUL_BUT_UNSAFE
from app.terms.flag_kind import FlagKind
from app.terms.unit import Unit

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Value:
    value: str
    label: str
    hint: str = ""
    spoken: str = ""  # in the sentence, when the label does not fit there
    is_rare: bool = False  # not shown while no entry has it

    @property
    def phrase(self) -> str:
        return self.spoken or self.label


@dataclass(frozen=True)
class Facet:
    name: str  # the query parameter
    title: str
    phrase: str  # {} stands for the chosen values, "a or b"
    values: tuple[Value, ...]
    is_rare: bool = False  # not shown while every entry of the dataset has the same value

    @cached_property
    def by_value(self) -> dict[str, Value]:
        return {value.value: value for value in self.values}

    @cached_property
    def quoted(self) -> dict[str, str]:
        """Values as they stand in a query string."""
        return {value.value: quote_plus(value.value) for value in self.values}

    def say(self, chosen: Sequence[str], *, all_of: bool = False) -> str:
        phrases = [self.by_value[value].phrase for value in chosen]
        return self.phrase.format(" and ".join(phrases) if all_of else either(phrases))


def either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def plain(values: Iterable[str]) -> tuple[Value, ...]:
    return tuple(Value(value, value) for value in values)


_SAFETY_OF_PAIR = (
    Value("both_safe", "both safe", spoken="both responses safe"),
    Value("only_0_safe", "only response 0 safe"),
    Value("only_1_safe", "only response 1 safe"),
    Value("both_unsafe", "both unsafe", spoken="both responses unsafe"),
    Value(UNKNOWN, "unknown", "A response has no safety label", spoken="unknown safety"),
)
_SAFETY_OF_SINGLE = (
    Value("safe", "safe", spoken="a safe response"),
    Value("unsafe", "unsafe", spoken="an unsafe response"),
    Value(UNKNOWN, "unknown", "The response has no safety label", spoken="unknown safety"),
)
_SIDES = (Value("0", "response 0"), Value("1", "response 1"))
_CONFLICT = (Value("yes", "differ"), Value("no", "same response", spoken="are the same response"))
_HELPFUL_BUT_UNSAFE = Value(
    "helpful_but_unsafe", HELPFUL_BUT_UNSAFE.label, HELPFUL_BUT_UNSAFE.sentence, "that are helpful but unsafe"
)
_SEVERITY_DIFFERS = Value(
    "severity_differs", "severity differs", "The responses have different severity levels", "whose severities differ"
)
_CATEGORIES_DIFFER = Value(
    "categories_differ", "categories differ", "The responses have different harm categories", "whose categories differ"
)
_ANNOTATED_AGAIN = Value(
    "annotated_again", ANNOTATED_AGAIN.label, ANNOTATED_AGAIN.sentence, "whose response is annotated again"
)
_ANNOTATIONS_DIFFER = Value(
    "annotations_differ", ANNOTATIONS_DIFFER.label, ANNOTATIONS_DIFFER.sentence, "whose annotations differ"
)
_PROMPT_REPEATED = Value(
    "prompt_repeated", "prompt repeated", "Another entry has the same prompt", "whose prompt is repeated"
)
_PROMPT_IN_SEVERAL_SPLITS = Value(
    "prompt_in_several_splits", "prompt in several splits", "Another split has the same prompt",
    "whose prompt is in several splits",
)  # fmt: skip
_STATUS = (
    Value("unreviewed", "unreviewed", spoken="not yet reviewed"),
    Value("in_review", "in review", "A reviewer left a comment or a flag, no verdict yet"),
    Value("reviewed", "reviewed"),
    Value("disputed", "disputed", "Reviewers contradict each other on a label"),
    Value("adjudicated", "adjudicated", "A dispute has been settled"),
)
_STATUS_WITHOUT_LABELS = (
    Value("unreviewed", "nothing said", spoken="not yet commented or flagged"),
    Value("in_review", "commented or flagged"),
    *(Value(value.value, value.label, is_rare=True) for value in _STATUS[2:]),
)
_VERDICT = (Value("agree", "agree"), Value("disagree", "disagree"), Value("unsure", "unsure"))
_OUTDATED = (
    Value(
        "yes", "outdated", "A verdict was given on a stored value that has changed since", "with an outdated verdict"
    ),
    Value("no", "none outdated", spoken="without an outdated verdict"),
)
_FLAG = (
    Value("yes", "flagged"),
    Value("no", "not flagged"),
    *(Value(kind.value, kind.words, spoken=f"flagged as {kind.words}", is_rare=True) for kind in FlagKind),
)
_WITHDRAWN = (
    Value("yes", "withdrawn", "A later revision of the dataset no longer has it"),
    Value("no", "not withdrawn"),
)


def facets_of(
    shape: Shape, *, found: Mapping[str, Sequence[str]], unknown: frozenset[str] = frozenset(), has_hashes: bool = True
) -> tuple[Facet, ...]:
    """`found` has the values of the facets that data names, `unknown` the facets in which some entry has no value."""
    return (
        *_label_facets(shape, unknown),
        *_remarkable_facets(shape, has_hashes),
        *_review_facets(shape, found.get("reviewer", ())),
        *_source_facets(shape, found),
        *_side_facets(shape, unknown),
    )


def _with_unknown(name: str, values: tuple[Value, ...], unknown: frozenset[str]) -> tuple[Value, ...]:
    return (*values, Value(UNKNOWN, "unknown")) if name in unknown else values


def _severities(shape: Shape) -> tuple[Value, ...]:
    return tuple(Value(str(s.level), f"{s.level} {s.name}", s.definition) for s in shape.taxonomy.severities)


def _label_facets(shape: Shape, unknown: frozenset[str]) -> Iterator[Facet]:
    is_pair = shape.unit is Unit.PAIR
    if shape.has("is_safe"):
        title, values = ("Safety of the pair", _SAFETY_OF_PAIR) if is_pair else ("Safety", _SAFETY_OF_SINGLE)
        yield Facet("safety", title, "with {}", values)
    if shape.has_severities:
        title, phrase = ("Highest severity", "of highest severity {}") if is_pair else ("Severity", "of severity {}")
        yield Facet("severity", title, phrase, _with_unknown("severity", _severities(shape), unknown))
    if shape.has_categories:
        categories = tuple(Value(c.code, c.name, c.definition) for c in shape.taxonomy.categories)
        yield Facet("category", "Harm category", "with {}", categories)
    if shape.has("better_response_id", "safer_response_id"):
        conflicts = _with_unknown("conflict", _CONFLICT, unknown)
        yield Facet("conflict", "Better and safer", "where better and safer {}", conflicts)


def _remarkable_facets(shape: Shape, has_hashes: bool) -> Iterator[Facet]:
    yield Facet("relation", "Relations", "{}", tuple(_relations(shape)))
    contradictions = shape.contradictions(has_hashes=has_hashes)
    if contradictions:
        values = tuple(Value(c.slug, EXPLANATIONS[c].label, EXPLANATIONS[c].sentence) for c in contradictions)
        yield Facet("contradiction", "Contradictions", "with the contradiction {}", values)


def _relations(shape: Shape) -> Iterator[Value]:
    if shape.unit is Unit.PAIR:
        if shape.has("better_response_id", "is_safe"):
            yield _HELPFUL_BUT_UNSAFE
        if shape.has_severities:
            yield _SEVERITY_DIFFERS
        if shape.has_categories:
            yield _CATEGORIES_DIFFER
    if shape.unit is Unit.SINGLE:
        yield _ANNOTATED_AGAIN
        yield _ANNOTATIONS_DIFFER
    yield _PROMPT_REPEATED
    yield _PROMPT_IN_SEVERAL_SPLITS


def _review_facets(shape: Shape, reviewers: Sequence[str]) -> Iterator[Facet]:
    if shape.label_fields:
        yield Facet("status", "Review status", "that are {}", _STATUS)
        yield Facet("verdict", "Verdict", "with a verdict {}", _VERDICT)
        yield Facet("outdated", "Outdated verdicts", "{}", _OUTDATED, is_rare=True)
        yield Facet("reviewer", "Reviewer", "reviewed by {}", plain(reviewers))
    else:
        yield Facet("status", "Remarks", "that are {}", _STATUS_WITHOUT_LABELS)
        yield Facet("reviewer", "Reviewer", "with a remark by {}", plain(reviewers))
    yield Facet("flag", "Flag", "that are {}", _FLAG)
    yield Facet("withdrawn", "Withdrawn", "that are {}", _WITHDRAWN, is_rare=True)


def _source_facets(shape: Shape, found: Mapping[str, Sequence[str]]) -> Iterator[Facet]:
    yield Facet("split", "Split", "in {}", plain(found.get("split", ())))
    yield Facet("subset", "Subset", "in subset {}", plain(found.get("subset", ())))
    if shape.unit is not Unit.PROMPT:
        yield Facet("source", "Source model", "from {}", plain(found.get("source", ())))
    sources = plain(found.get("prompt_source", ()))
    yield Facet("prompt_source", "Prompt source", "with prompts from {}", sources)


def _side_facets(shape: Shape, unknown: frozenset[str]) -> Iterator[Facet]:
    if shape.unit is not Unit.PAIR:
        return
    for name in ("better", "safer"):
        if shape.has(f"{name}_response_id"):
            values = _with_unknown(name, _SIDES, unknown)
            yield Facet(name, f"{name.title()} response", f"where {{}} is {name}", values)
    for position in (0, 1):
        if shape.has_severities:
            name = f"severity_{position}"
            values = _with_unknown(name, _severities(shape), unknown)
            yield Facet(
                name, f"Severity of response {position}", f"whose response {position} has severity {{}}", values
            )
