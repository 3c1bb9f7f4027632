"""What the API promises of statistics on labels and reviewers."""

from typing import Annotated, Any

from pydantic import Field

from app.api.schemas import Answer, Count, LabelOrWord

Share = Annotated[float, Field(ge=0, le=1)]
Interval = Annotated[
    list[float] | None, Field(min_length=2, max_length=2, description="Lower and upper limit, 95 %; null without any")
]


class LabelAgreement(Answer):
    agree: Count
    disagree: Count
    unsure: Count
    outdated: Annotated[Count, Field(description="Verdicts on a value that is another one now; in no share")]
    n: Annotated[Count, Field(description="`agree` and `disagree`")]
    share: Annotated[Share | None, Field(description="`agree` among `n`")]
    wilson: Interval
    clopper_pearson: Interval


class AgreementByConditions(Answer):
    blind: LabelAgreement
    open: LabelAgreement


class ErrorRate(Answer):
    """Of the population that the sample was drawn from."""

    rate: Share | None
    low: Share | None
    high: Share | None
    count: Annotated[float | None, Field(description="Entries whose label is wrong, of `population`")]
    count_low: float | None
    count_high: float | None
    n: Annotated[Count, Field(description="Entries with an answer")]
    population: Count
    method: Annotated[str, Field(description="Its anchor on /help/statistics")]
    design_effect: float | None
    why_undefined: str | None
    notes: list[str]


class Measure(Answer):
    name: str
    method: Annotated[str, Field(description="Its anchor on /help/statistics")]
    value: Annotated[float | None, Field(description="Null where it is undefined; `why_undefined` says why")]
    n: Annotated[Count, Field(description="Entries that it is made of")]
    interval: Annotated[Interval, Field(description="By bootstrap over prompts, when asked for by `intervals=yes`")]
    why_undefined: str | None


class Table(Answer):
    values: list[LabelOrWord]
    counts: list[list[Count]]


class Reliability(Answer):
    measures: list[Measure]
    prevalence: Annotated[Share | None, Field(description="Of the commonest value among all ratings")]
    note: Annotated[str | None, Field(description="Where raw agreement and kappa tell different stories")]
    table: Annotated[Table | None, Field(description="Of two: the one's values in rows, the other's in columns")]


class CategoryReliability(Answer):
    between_reviewers: Reliability
    with_stored_label: Reliability


class OutcomeCell(Answer):
    stored: LabelOrWord
    right: LabelOrWord
    entries: Count


class Outcomes(Answer):
    """Entries by their stored value and the one that reviewers, or an adjudicator, hold to be right."""

    cells: list[OutcomeCell]
    contested: Annotated[Count, Field(description="Reviewers differ and nobody has settled it; in no cell")]
    unanswered: Annotated[Count, Field(description="All are unsure")]


class Way(Answer):
    what: str
    entries: Count


class Direction(Answer):
    one_way: Way
    other_way: Way
    mcnemar_p: Annotated[Share | None, Field(description="Exact, two-sided; null where nothing is wrong")]
    mean_shift: Annotated[float | None, Field(description="Of severity levels: right - stored")]


class FieldStatistics(Answer):
    label_agreement: AgreementByConditions
    error_rate: Annotated[ErrorRate | None, Field(description="Null for a dataset, of which nothing was drawn")]
    error_rate_by_stratum: dict[str, ErrorRate]
    between_reviewers: Annotated[Reliability, Field(description="Of blind reviews the first answers")]
    between_reviewers_final: Annotated[
        Reliability | None, Field(description="Of blind reviews, after the stored labels were revealed")
    ]
    with_stored_label: Annotated[Reliability, Field(description="Of blind reviews the first answers")]
    by_category: Annotated[dict[str, CategoryReliability], Field(description="Each harm category as there or not")]
    outcomes: Outcomes
    direction: Direction | None


class Breakdown(Answer):
    by_stratum: dict[str, LabelAgreement]
    by_category: Annotated[dict[str, LabelAgreement], Field(description="Of the stored harm categories, by code")]
    by_source: dict[str, LabelAgreement]
    by_prompt_source: dict[str, LabelAgreement]
    by_reviewer: Annotated[dict[str, LabelAgreement] | None, Field(description="Null for all but leads")]


class FieldAgreementReport(FieldStatistics):
    label_field: str
    breakdown: Breakdown


class AgreementSession(Answer):
    id: int
    name: str
    state: str
    blind: bool
    overlap: Annotated[Count, Field(description="Reviewers asked for each entry")]


class AskedReviews(Answer):
    done: Count
    wanted: Annotated[Count | None, Field(description="Null for a dataset, of which nothing was asked")]
    put_off: Count


class Decision(Answer):
    decision: Annotated[str, Field(description="`accept`, `reject` or `continue`")]
    errors: Count
    judged: Count


class Acceptance(Answer):
    plan: dict[str, Any]
    decisions: dict[str, Decision]


class AgreementReport(Answer):
    """All that reviews say about the labels; by label field in `fields`."""

    dataset: Annotated[str, Field(description="Its slug")]
    session: AgreementSession | None
    conditions: Annotated[str | None, Field(description="`open` or `blind`, when asked for these alone")]
    reviews: AskedReviews
    entries: Annotated[Count, Field(description="With one review at least")]
    reviewers: Count
    fields: dict[str, FieldStatistics]
    acceptance: Acceptance | None
