"""The schemas of the dataset family: what each calls its columns, and which of them it cannot do without."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.importing.taxonomies import BEAVERTAILS, PKU_SAFERLHF
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit


@dataclass(frozen=True)
class ResponseColumns:
    """Of one response: the columns that hold its text, where it comes from, and its labels."""

    text: str
    source: str
    is_safe: str
    harm_categories: str
    severity_level: str
    sha256: str

    def of_labels(self, position: int) -> dict[str, str]:
        """Label field -> its column."""
        names = ("is_safe", "harm_categories", "severity_level")
        return {f"response_{position}.{name}": getattr(self, name) for name in names}


def _of_pair(position: int) -> ResponseColumns:
    name = f"response_{position}"
    return ResponseColumns(
        text=name,
        source=f"{name}_source",
        is_safe=f"is_{name}_safe",
        harm_categories=f"{name}_harm_category",
        severity_level=f"{name}_severity_level",
        sha256=f"{name}_sha256",
    )


_OF_SINGLE = ResponseColumns("response", "response_source", "is_safe", "harm_category", "severity_level", "sha256")


@dataclass(frozen=True)
class Schema:
    name: str
    title: str
    unit: Unit
    taxonomy: Taxonomy
    required: tuple[str, ...]
    responses: tuple[ResponseColumns, ...] = ()
    preferences: tuple[tuple[str, str], ...] = ()  # label field, and the column that it comes from

    @property
    def label_columns(self) -> dict[str, str]:
        """Label field -> its column, in the order of LABEL_FIELDS."""
        found: dict[str, str] = {}
        for position, columns in enumerate(self.responses):
            found |= columns.of_labels(position)
        return found | dict(self.preferences)

    def is_in(self, names: Iterable[str]) -> bool:
        return {*self.required} <= {*names}

    @property
    def columns(self) -> tuple[str, ...]:
        of_responses = [name for columns in self.responses for name in vars(columns).values()]
        of_preferences = [column for _, column in self.preferences]
        return tuple(dict.fromkeys([*self.required, "prompt", "prompt_source", *of_responses, *of_preferences]))


_NONE = Taxonomy((), ())

PKU_PAIRS = Schema(
    name="pku-pairs",
    title="PKU-SafeRLHF pairs",
    unit=Unit.PAIR,
    taxonomy=PKU_SAFERLHF,
    required=("prompt", "response_0", "response_1"),
    responses=(_of_pair(0), _of_pair(1)),
    preferences=(("better_response_id", "better_response_id"), ("safer_response_id", "safer_response_id")),
)
PKU_QA = Schema(
    name="pku-qa",
    title="PKU-SafeRLHF-QA answers",
    unit=Unit.SINGLE,
    taxonomy=PKU_SAFERLHF,
    required=("prompt", "response", "is_safe"),
    responses=(_OF_SINGLE,),
)
BEAVERTAILS_ANSWERS = Schema(
    name="beavertails",
    title="BeaverTails answers",
    unit=Unit.SINGLE,
    taxonomy=BEAVERTAILS,
    required=("prompt", "response", "is_safe"),
    responses=(_OF_SINGLE,),
)
PREFERENCES = Schema(
    name="preferences",
    title="chosen/rejected pairs",
    unit=Unit.PAIR,
    taxonomy=_NONE,
    required=("chosen", "rejected"),
    preferences=(("better_response_id", "chosen"),),
)
PROMPTS = Schema(name="prompts", title="prompts", unit=Unit.PROMPT, taxonomy=_NONE, required=("prompt",))

SCHEMAS = {schema.name: schema for schema in (PKU_PAIRS, PREFERENCES, PKU_QA, BEAVERTAILS_ANSWERS, PROMPTS)}
