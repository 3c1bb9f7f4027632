"""What the JSON API promises. These models describe the answers, and the tests hold the answers against them: no
request pays for that."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.review_bodies import MOST_SECONDS
from app.models.review import VerdictKind
from app.reviewing.judging import LONGEST_COMMENT, LONGEST_REASON
from app.terms.flag_kind import FlagKind

Count = Annotated[int, Field(ge=0)]
IsBehind = Annotated[
    bool,
    Field(description="Counts are of before an import that is under way or, of a large dataset, has just ended"),
]
HIDDEN = "Null to a reviewer of a team who is still to submit their own review"
Label = bool | int | list[str] | None
LabelOrWord = bool | int | list[str] | str | None


class Answer(BaseModel):
    """Fields may be added in later versions, but none is renamed or taken away within /api/v1."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"additionalProperties": True})


class ResponseBeginning(Answer):
    position: Annotated[int, Field(ge=0, le=1)]
    beginning: Annotated[
        str, Field(description="About 220 characters: the beginning, or what surrounds a search's hit")
    ]
    source: Annotated[str | None, Field(description="The model that wrote it")]
    is_safe: bool | None
    severity_level: int | None
    harm_categories: Annotated[list[str], Field(description="Their names, as people read them")]


class EntrySummary(Answer):
    """An entry as a list shows it."""

    id: int
    split: str
    subset: str | None
    row: Annotated[int, Field(description="1-based line or row in its file")]
    prompt: Annotated[str, Field(description="About 280 characters: the beginning, or what surrounds a search's hit")]
    prompt_source: str | None
    responses: list[ResponseBeginning]
    better_response_id: int | None
    safer_response_id: int | None
    notes: Annotated[list[str], Field(description="Contradictions between labels, and what else is worth a look")]
    status: Annotated[str | None, Field(description=f"A value of the facet `status`. {HIDDEN}")]
    flagged: Annotated[bool | None, Field(description=HIDDEN)]
    withdrawn: Annotated[bool, Field(description="A later revision of the dataset no longer has it")]


class WholeResponse(Answer):
    position: Annotated[int, Field(ge=0, le=1)]
    text: str
    source: Annotated[str | None, Field(description="The model that wrote it")]


class WholeEntry(Answer):
    """An entry with whole texts and all its labels, and as many responses as its dataset's unit has: 2, 1 or 0."""

    id: int
    dataset: Annotated[str, Field(description="Its slug")]
    split: str
    subset: str | None
    row: Annotated[int, Field(description="1-based line or row in its file")]
    content_key: Annotated[str, Field(description="Hash of prompt and responses, the same across revisions")]
    prompt: str
    prompt_source: str | None
    responses: list[WholeResponse]
    labels: Annotated[
        dict[str, Label], Field(description="What the dataset says, by label field; null when it does not say")
    ]
    notes: Annotated[list[str], Field(description="Contradictions between labels, and what else is worth a look")]
    status: Annotated[str | None, Field(description=f"A value of the facet `status`. {HIDDEN}")]
    flagged: Annotated[bool | None, Field(description=HIDDEN)]
    withdrawn: Annotated[bool, Field(description="A later revision of the dataset no longer has it")]
    extra: Annotated[dict[str, Any], Field(description="The other columns of its row")]


class EntryList(Answer):
    """One page of a list of entries, with what there is to filter it by."""

    total: Annotated[Count, Field(description="Entries in the whole list; exact")]
    of: Annotated[Count, Field(description="Entries there are without the filters")]
    first_place: Annotated[Count, Field(description="1-based place of the page's first entry in the list; 0 if none")]
    sentence: Annotated[str, Field(description="The filters in English")]
    entries: Annotated[
        list[EntrySummary] | list[WholeEntry], Field(description="Whole ones when asked for by `texts=whole`")
    ]
    facets: Annotated[
        dict[str, dict[str, Count]],
        Field(description="Entries with each value, exact; a facet's counts ignore its own filter"),
    ]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page; null on the last one")]
    is_behind: IsBehind


class ReviewCounts(Answer):
    reviewed: Annotated[Count, Field(description="With a verdict; disputed and adjudicated ones too")]
    disputed: Annotated[Count | None, Field(description=HIDDEN)]
    flagged: Annotated[Count | None, Field(description=HIDDEN)]


class DatasetCounts(ReviewCounts):
    entries: Annotated[Count, Field(description="But the withdrawn ones")]
    withdrawn: Count


class HarmCategory(Answer):
    code: Annotated[str, Field(description="As the parameter `category` and the labels write it")]
    name: str
    definition: str


class SeverityLevel(Answer):
    level: int
    name: str
    definition: str


class Taxonomy(Answer):
    categories: list[HarmCategory]
    severities: list[SeverityLevel]


class DatasetLinks(Answer):
    self: str
    entries: str
    statistics: str
    page: Annotated[str, Field(description="For people")]


class DatasetSummary(Answer):
    slug: str
    title: str
    unit: Annotated[str, Field(description="What an entry is: `pair`, `single` response or `prompt` alone")]
    licence: str | None
    source: Annotated[str, Field(description="Hub name, or the path it was first imported from")]
    revision: Annotated[str | None, Field(description="The commit that the latest import from the Hub resolved to")]
    data_version: Annotated[int, Field(description="Another one after every import that could change something")]
    counts: DatasetCounts
    splits: Annotated[dict[str, Count], Field(description="Entries of each")]
    label_fields: list[str]
    taxonomy: Taxonomy
    created_at: datetime
    links: DatasetLinks


class DatasetList(Answer):
    datasets: list[DatasetSummary]


class Choice(Answer):
    value: str
    label: str


class FacetValue(Choice):
    hint: Annotated[str, Field(description="What it means; empty when the label says it")]


class Facet(Answer):
    """A parameter that its entries can be filtered by, and its values; with `not_` before it, it excludes."""

    name: str
    title: str
    values: list[FacetValue]


class Import(Answer):
    id: int
    source: str
    revision: str | None
    subset: str | None
    splits: list[str]
    state: Annotated[str, Field(description="`queued`, `running`, `complete`, `interrupted`, `cancelled` or `failed`")]
    rows_read: Count
    rows_imported: Count
    rows_rejected: Count
    rows_changed: Annotated[Count, Field(description="Entries with another label than before")]
    rows_withdrawn: Count
    started_at: datetime | None
    finished_at: datetime | None


class Dataset(DatasetSummary):
    citation: str | None
    facets: list[Facet]
    sorts: list[Choice]
    imports: Annotated[list[Import], Field(description="The newest first; no dry runs")]


class Interval(Answer):
    low: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]


class Agreement(Answer):
    """How far reviewers agree with a stored label: `share` is agree / n, n is agree + disagree."""

    label_field: str
    title: str
    agree: Count
    disagree: Count
    unsure: Count
    outdated: Annotated[Count, Field(description="Verdicts on a stored value that has changed since; in no share")]
    n: Count
    share: Annotated[float | None, Field(description="null while n is 0")]
    interval: Annotated[Interval | None, Field(description="95 % Wilson score interval of the share")]


class Axis(Answer):
    facet: str
    totals: Annotated[dict[str, Count], Field(description="Entries with each value; at most 40 values, the commonest")]
    without: Annotated[Count, Field(description="Entries with none of the facet's values")]
    left_out: Annotated[Count, Field(description="How many values are not here")]


class Crossed(Answer):
    """Two facets against each other."""

    rows: Axis
    columns: Axis
    counts: Annotated[dict[str, dict[str, Count]], Field(description="By value of `rows`, then by value of `columns`")]


class NonResponse(Answer):
    """How often a reviewer came to an entry and gave no verdict; in no share."""

    put_off: Count
    opted_out: Annotated[Count, Field(description="A queue passed over it: it has a category they do not want to see")]


class Statistics(Answer):
    """Exact counts within a filter."""

    dataset: str
    total: Count
    of: Annotated[Count, Field(description="Entries there are without the filters")]
    sentence: Annotated[str, Field(description="The filters in English")]
    distinct_prompts: Count
    reviews: ReviewCounts
    facets: Annotated[
        dict[str, dict[str, Count]], Field(description="Entries within the filter with each value of each facet")
    ]
    crossed: Annotated[Crossed | None, Field(description="When asked for by `rows` and `columns`")]
    agreement: Annotated[
        list[Agreement] | None,
        Field(description="With each label field, over all submitted reviews of the dataset; null within a filter"),
    ]
    non_response: Annotated[NonResponse | None, Field(description="Of the whole dataset; null within a filter")]
    is_behind: IsBehind


class Verdict(Answer):
    verdict: Annotated[str, Field(description="`agree`, `disagree` or `unsure`")]
    corrected_value: Annotated[LabelOrWord, Field(description="What it should be; `tie` of two responses")]
    reason: str | None
    stored_value: Annotated[Label, Field(description="What the dataset said then")]
    first_value: Annotated[LabelOrWord, Field(description="The answer given blind; it may be `cannot_judge`")]
    outdated: Annotated[bool, Field(description="The stored value is another one now")]


class Review(Answer):
    """One's own review of an entry. Its `ETag` is its revision."""

    entry: int
    state: Annotated[str, Field(description="`submitted`; `draft` without a verdict: a comment or a flag")]
    revision: Annotated[int, Field(ge=1)]
    blind: Annotated[bool, Field(description="The answers were given before the stored labels were shown")]
    verdicts: Annotated[dict[str, Verdict], Field(description="By label field")]
    comment: str
    flag: str | None
    seconds: Annotated[int | None, Field(description="In which the reviewer was active")]
    updated_at: datetime


class VerdictToPut(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdict: Annotated[
        str, Field(json_schema_extra={"enum": list(VerdictKind)}, description="`agree`, `disagree` or `unsure`")
    ]
    corrected_value: Annotated[
        LabelOrWord,
        Field(
            description="With `disagree` alone: true or false, a severity level, a list of category codes, or 0, 1 or "
            "`tie`. May be left out where one value is left, and must be where the answer was given blind"
        ),
    ] = None
    reason: Annotated[str | None, Field(max_length=LONGEST_REASON, description="Not with `agree`")] = None


class ReviewToPut(BaseModel):
    """All that the review is to say: what is left out is taken away. At least a verdict, a comment or a flag."""

    model_config = ConfigDict(extra="forbid")

    verdicts: Annotated[dict[str, VerdictToPut], Field(description="By label field of the dataset")] = {}
    comment: Annotated[str | None, Field(max_length=LONGEST_COMMENT)] = None
    flag: Annotated[
        str | None,
        Field(json_schema_extra={"enum": [*FlagKind, None]}, description=", ".join(f"`{kind}`" for kind in FlagKind)),
    ] = None
    seconds: Annotated[int | None, Field(ge=0, le=MOST_SECONDS)] = None


class Deed(Answer):
    """Something that was done, as the record has it: of reviews and comments that there was one, not what it says."""

    event: int
    at: datetime
    kind: Annotated[str, Field(description="What was done, for scripts")]
    reviewer: Annotated[str | None, Field(description="Who did it; null for who has no name here")]
    by: Annotated[str, Field(description="Who did it, also when it was a command or the service")]
    said: Annotated[str, Field(description="What was done, for people; follows on `by`")]
    of: Annotated[str | None, Field(description="Whose account it was done to")]
    dataset: Annotated[str | None, Field(description="Its slug")]
    entry: int | None
    import_: Annotated[int | None, Field(alias="import")]
    request_id: Annotated[str | None, Field(description="As `X-Request-ID` of the answer said it")]


class Activity(Answer):
    """The newest first."""

    activity: list[Deed]
    next: Annotated[str | None, Field(description="The query string of the next page; null on the last one")]


class Mistake(Answer):
    field: Annotated[str, Field(description="The parameter")]
    detail: str
    valid: Annotated[list[str], Field(description="What it could be")] = []


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Field(description="For people: what is wrong, and what to do about it")]
    field: Annotated[str, Field(description="The first parameter that is wrong")] = ""
    errors: list[Mistake] = []
    error_id: Annotated[str, Field(description="Of a fault of ours: what to look for in the log")] = ""
    request_id: Annotated[str, Field(description="Of every line about this request in the log and the record")] = ""


class StaleProblem(Problem):
    """The review was changed since: `review` is it as it is now, null when there is none."""

    review: Review | None = None
