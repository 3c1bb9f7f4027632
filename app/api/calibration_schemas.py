"""What the API promises of reviewers' calibration."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.agreement_schemas import Interval, Share, Table
from app.api.schemas import Answer, Count


class CountedShare(Answer):
    method: Annotated[str, Field(description="Its anchor on /help/statistics")]
    count: Count
    n: Count
    share: Annotated[Share | None, Field(description="`count` among `n`; null while there is nothing to count")]
    interval: Interval


class Pace(Answer):
    """Seconds in which the reviewer was active on an entry."""

    method: str
    n: Annotated[Count, Field(description="Reviews of which the time was measured")]
    median: Annotated[float | None, Field(description="Null while no time was measured")]
    interval: Annotated[
        list[float] | None,
        Field(min_length=2, max_length=2, description="Of the median, 95 %; null for fewer than six reviews"),
    ]
    lower_quartile: float | None
    upper_quartile: float | None
    not_measured: Count


class Kappa(Answer):
    method: str
    value: Annotated[float | None, Field(description="Null where it is undefined; `why_undefined` says why")]
    n: Annotated[Count, Field(description="Pairs")]
    why_undefined: str | None


class WithOthers(CountedShare):
    """Pairs of the reviewer's and another's value of one label."""

    entries: Annotated[Count, Field(description="That the pairs are of")]
    all_reviewers: Annotated[
        CountedShare, Field(description="Of all pairs in the same sessions, and on the same entries outside of them")
    ]
    kappa: Annotated[Kappa | None, Field(description="Null for sets of categories")]
    table: Annotated[
        Table | None, Field(description="The reviewer's values in rows, others' in columns; null for sets")
    ]


class LeftSide(CountedShare):
    """Preferences where chance said which response stood left: how often it was that one."""

    ties: Count
    no_answer: Annotated[Count, Field(description="Unsure, or could not judge")]
    contains_one_half: Annotated[bool | None, Field(description="Whether the interval does; null without any answer")]


class AfterReveal(CountedShare):
    """Blind answers that differed from the stored label: how many became it."""

    kept: Count
    other: Count
    unsure: Count


class Repeats(CountedShare):
    unsure: Annotated[Count, Field(description="Once at least; in no share")]


class Week(CountedShare):
    """Agreement with the stored labels."""

    week: Annotated[str, Field(description="ISO 8601, such as `2026-W48`")]
    begins: date
    unsure: Count


class Calibration(Answer):
    """What there is to say about the reviews of one person: to compare notes, not to rank. By label field."""

    reviewer: str
    dataset: Annotated[str | None, Field(description="Its slug, when asked for it or for a session of it alone")]
    session: Annotated[int | None, Field(description="When asked for it alone")]
    pace: Pace
    with_others: dict[str, WithOthers]
    with_adjudications: dict[str, CountedShare]
    left_side: dict[str, LeftSide]
    after_reveal: dict[str, AfterReveal]
    repeats: dict[str, Repeats]
    weeks: list[Week]
