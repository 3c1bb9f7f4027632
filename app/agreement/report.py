"""A session's findings in sentences: a methods paragraph for a paper, limits in plain words, a card for the Hub."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from app.agreement.estimation import RateEstimate
from app.agreement.session_statistics import SessionStatistics
from app.models import Guideline, Review, SamplingPlan, SessionEntry

_DESIGNS = {
    "simple": "a simple random sample",
    "stratified": "a stratified random sample",
    "clusters": "all pairs of randomly drawn prompts",
}


@dataclass(frozen=True)
class Report:
    plan: SamplingPlan | None
    sampled: int
    guideline: int | None  # its version
    began: str  # days
    ended: str
    seen_before: int  # blind reviews of entries whose labels their reviewer had seen elsewhere
    methods: str
    limits: tuple[str, ...]


def make_report(db: Session, found: SessionStatistics) -> Report:
    session = found.session
    plan = db.get(SamplingPlan, session.plan_id) if session.plan_id else None
    sampled = sum(int(stratum["sampled"]) for stratum in plan.strata) if plan else found.entries
    guideline = db.get(Guideline, session.guideline_id) if session.guideline_id else None
    of_session = (
        select(func.min(Review.created_at), func.max(Review.updated_at), func.sum(cast(Review.seen_before, Integer)))
        .join(SessionEntry, SessionEntry.id == Review.item_id)
        .where(SessionEntry.session_id == session.id)
    )
    first, last, seen_before = db.execute(of_session).one()
    began, ended = (moment.date().isoformat() if moment else "" for moment in (first, last))
    seen = int(seen_before or 0)
    methods = _methods(found, plan, sampled, guideline.version if guideline else None)
    limits = tuple(_limits(found, plan, seen))
    return Report(plan, sampled, guideline.version if guideline else None, began, ended, seen, methods, limits)


def _methods(found: SessionStatistics, plan: SamplingPlan | None, sampled: int, guideline: int | None) -> str:
    session, response = found.session, found.response
    drawn = f"{sampled:,} entries of the session"
    if plan is not None:
        drawn = (
            f"{_DESIGNS[plan.design['kind']]} of {sampled:,} of {plan.population:,} entries of {found.dataset.title} "
            f"(seed {plan.seed}{f', revision {plan.revision}' if plan.revision else ''})"
        )
    judged = (
        "gave their own answers before the stored labels were revealed to them"
        if session.is_blind
        else "judged with the stored labels in sight"
    )
    sides = ", the sides of the responses drawn by chance" if session.shuffles else ""
    by_guideline = f" by version {guideline} of the guideline" if guideline else ""
    rate = "" if response.rate is None else f" ({response.rate:.0%})"
    return (
        f"We drew {drawn}. {found.reviewers} reviewers {judged}{sides}{by_guideline}; {session.overlap} were asked for "
        f"each entry, and {response.done:,} of {response.wanted:,} reviews were given{rate}. A label counts as wrong "
        "where an adjudicator settled so, and else by the share of its reviewers who disagree with it. Error rates are "
        "weighted by the design, with 95 % Korn-Graubard limits (mid-p). Agreement between reviewers is given as "
        "percent agreement, chance-corrected coefficients, and Krippendorff's alpha."
    )


def _limits(found: SessionStatistics, plan: SamplingPlan | None, seen_before: int) -> Iterator[str]:
    if plan is None:
        yield "The entries were not drawn by chance: the figures speak for these entries alone."
    else:
        yield "The figures speak for the entries that the sample was drawn from, as they were when it was drawn."
    if found.session.state != "closed":
        yield f"The session is {found.session.state}: figures may still change."
    if found.response.done < found.response.wanted:
        yield (
            f"{found.response.wanted - found.response.done:,} of {found.response.wanted:,} reviews are missing; who "
            "would have given them might have judged otherwise."
        )
    if not found.session.is_blind:
        yield "Reviewers saw the stored labels while they judged, which makes agreement likelier."
    if seen_before:
        yield f"{seen_before:,} blind reviews are of entries whose labels their reviewer had seen before."
    if found.reviewers < 3:
        yield f"{found.reviewers} reviewers: what they share in judging cannot be told from what is right."


def card(found: SessionStatistics, report: Report) -> str:
    """Markdown for the dataset card of a Hub."""
    lines = [f"## Label quality of {found.dataset.title}", "", report.methods, "", *_table(found), ""]
    return "\n".join([*lines, "Limits:", "", *(f"- {limit}" for limit in report.limits), ""])


def _table(found: SessionStatistics) -> Iterator[str]:
    yield "| label | wrong | 95 % interval | entries judged |"
    yield "|---|---|---|---|"
    for one in found.fields:
        rate = one.error_rate
        share, interval = _numbers(rate)
        yield f"| `{one.field.name}` | {share} | {interval} | {rate.n:,} |"


def _numbers(rate: RateEstimate) -> tuple[str, str]:
    if rate.rate is None or rate.low is None or rate.high is None:
        return "not known", ""
    return f"{rate.rate:.1%}", f"{rate.low:.1%} to {rate.high:.1%}"
