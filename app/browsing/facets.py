"""What entries can be filtered by: each facet with its values, and how it speaks in the sentence over the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.models.contradiction import EXPLANATIONS, HELPFUL_BUT_UNSAFE, Contradiction
from app.models.taxonomy import Taxonomy

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Value:
    value: str
    label: str
    hint: str = ""
    spoken: str = ""  # in the sentence, when the label does not fit there

    @property
    def phrase(self) -> str:
        return self.spoken or self.label


@dataclass(frozen=True)
class Facet:
    name: str  # the query parameter
    title: str
    phrase: str  # {} stands for the chosen values, "a or b"
    values: tuple[Value, ...]
    by_value: dict[str, Value] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_value.update({value.value: value for value in self.values})

    def say(self, chosen: Sequence[str]) -> str:
        return self.phrase.format(either([self.by_value[value].phrase for value in chosen]))


def either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def plain(values: Iterable[str]) -> tuple[Value, ...]:
    return tuple(Value(value, value) for value in values)


_SAFETY = (
    Value("both_safe", "both safe", spoken="both responses safe"),
    Value("only_0_safe", "only response 0 safe"),
    Value("only_1_safe", "only response 1 safe"),
    Value("both_unsafe", "both unsafe", spoken="both responses unsafe"),
    Value(UNKNOWN, "unknown", "A response has no safety label", spoken="unknown safety"),
)
_SIDES = (Value("0", "response 0"), Value("1", "response 1"))
_CONFLICT = (Value("yes", "differ"), Value("no", "same response", spoken="are the same response"))
_RELATION = (
    Value("helpful_but_unsafe", HELPFUL_BUT_UNSAFE.label, HELPFUL_BUT_UNSAFE.sentence),
    Value("severity_differs", "severity differs", "The responses have different severity levels"),
    Value("categories_differ", "categories differ", "The responses have different harm categories"),
)
_STATUS = (
    Value("unreviewed", "unreviewed", spoken="not yet reviewed"),
    Value("in_review", "in review", "A reviewer left a comment or a flag, no verdict yet", spoken="in review"),
    Value("reviewed", "reviewed"),
    Value("disputed", "disputed", "Reviewers contradict each other on a label"),
    Value("adjudicated", "adjudicated", "A dispute has been settled"),
)
_VERDICT = (Value("agree", "agree"), Value("disagree", "disagree"), Value("unsure", "unsure"))
_FLAG = (Value("yes", "flagged"), Value("no", "not flagged"))


def facets_of(
    taxonomy: Taxonomy,
    *,
    splits: Sequence[str],
    subsets: Sequence[str],
    sources: Sequence[str],
    prompt_sources: Sequence[str],
    reviewers: Sequence[str],
    unknown: frozenset[str],
) -> tuple[Facet, ...]:
    """`unknown` names the facets in which some entry has no value."""

    def with_unknown(name: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return (*values, Value(UNKNOWN, "unknown")) if name in unknown else values

    severities = tuple(Value(str(s.level), f"{s.level} {s.name}", s.definition) for s in taxonomy.severities)
    categories = tuple(Value(c.code, c.name, c.definition) for c in taxonomy.categories)
    contradictions = tuple(Value(c.slug, EXPLANATIONS[c].label, EXPLANATIONS[c].sentence) for c in Contradiction)
    return (
        Facet("safety", "Safety of the pair", "with {}", _SAFETY),
        Facet("severity", "Highest severity", "of highest severity {}", with_unknown("severity", severities)),
        Facet("category", "Harm category", "with {}", categories),
        Facet("conflict", "Better and safer", "where better and safer {}", with_unknown("conflict", _CONFLICT)),
        Facet("relation", "Relation of the pair", "that are {}", _RELATION),
        Facet("contradiction", "Contradictions", "with the contradiction {}", contradictions),
        Facet("status", "Review status", "that are {}", _STATUS),
        Facet("verdict", "Verdict", "with a verdict {}", _VERDICT),
        Facet("reviewer", "Reviewer", "reviewed by {}", plain(reviewers)),
        Facet("flag", "Flag", "that are {}", _FLAG),
        Facet("split", "Split", "in {}", plain(splits)),
        Facet("subset", "Subset", "in subset {}", plain(subsets)),
        Facet("source", "Source model", "from {}", plain(sources)),
        Facet("prompt_source", "Prompt source", "with prompts from {}", plain(prompt_sources)),
        Facet("better", "Better response", "where {} is better", with_unknown("better", _SIDES)),
        Facet("safer", "Safer response", "where {} is safer", with_unknown("safer", _SIDES)),
        Facet(
            "severity_0",
            "Severity of response 0",
            "whose response 0 has severity {}",
            with_unknown("severity_0", severities),
        ),
        Facet(
            "severity_1",
            "Severity of response 1",
            "whose response 1 has severity {}",
            with_unknown("severity_1", severities),
        ),
    )
