"""A session's findings in sentences: a methods paragraph for a paper, limits in plain words, a card for the Hub."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.agreement.estimation import RateEstimate
from app.agreement.field_statistics import FieldStatistics
from app.agreement.statistics import Statistics
from app.models import ReviewSession, SamplingPlan

_DESIGNS = {
    "simple": "a simple random sample",
    "stratified": "a stratified random sample",
    "clusters": "all pairs of randomly drawn prompts",
}


def people(count: int) -> str:
    return f"{count:,} reviewer{'' if count == 1 else 's'}"


def methods_of(
    found: Statistics, session: ReviewSession, plan: SamplingPlan | None, sampled: int, guideline: int | None
) -> str:
    answered = found.answered
    drawn = f"{sampled:,} entries of the session"
    if plan is not None:
        drawn = (
            f"{_DESIGNS[plan.design['kind']]} of {sampled:,} of {plan.population:,} entries of "
            f"{found.scope.dataset.title} (seed {plan.seed}{f', revision {plan.revision}' if plan.revision else ''})"
        )
    judged = (
        "gave their own answers before the stored labels were revealed to them"
        if session.is_blind
        else "judged with the stored labels in sight"
    )
    sides = ", the sides of the responses drawn by chance" if session.shuffles else ""
    by_guideline = f" by version {guideline} of the guideline" if guideline else ""
    rate = "" if answered.rate is None else f" ({answered.rate:.0%})"
    asked = "one was" if session.overlap == 1 else f"{session.overlap} were"
    return (
        f"We drew {drawn}. {people(answered.reviewers)} {judged}{sides}{by_guideline}; {asked} asked for each entry, "
        f"and {answered.done:,} of {answered.wanted or 0:,} reviews were given{rate}. {_HOW}"
    )


_HOW = (
    "A label counts as wrong where an adjudicator settled so, and else by the share of its reviewers who disagree. "
    "Error rates are weighted by the design, with 95 % Korn-Graubard limits (mid-p). Agreement between reviewers is "
    "given as percent agreement, chance-corrected coefficients, and Krippendorff's alpha, with 95 % bootstrap "
    "intervals over prompts."
)


def limits_of(found: Statistics, session: ReviewSession, plan: SamplingPlan | None, seen_before: int) -> Iterator[str]:
    answered = found.answered
    missing = (answered.wanted or 0) - answered.done
    if plan is None:
        yield "The entries were not drawn by chance: the figures speak for these entries alone."
    else:
        yield "The figures speak for the entries that the sample was drawn from, as they were when it was drawn."
    if session.state != "closed":
        yield f"The session is {session.state}: figures may still change."
    if missing > 0:
        yield (
            f"{missing:,} of {answered.wanted:,} reviews are missing; who would have given them might have judged "
            "otherwise."
        )
    contested = sum(len(one.outcomes.contested) for one in found.fields)
    if contested:
        yield f"On {contested:,} labels reviewers contradict each other, and nobody has settled them yet."
    if not session.is_blind:
        yield "Reviewers saw the stored labels while they judged, which makes agreement likelier."
    if seen_before:
        yield f"{seen_before:,} blind reviews are of entries whose labels their reviewer had seen before."
    if answered.reviewers < 3:
        yield f"{people(answered.reviewers)}: what they share in judging cannot be told from what is right."


@dataclass(frozen=True)
class Comparison:
    """Whether the label looks wrong or the task ambiguous: reviewers among themselves beside the stored label."""

    tells: bool  # the one from the other
    words: str


def compare_agreement(found: FieldStatistics) -> Comparison | None:
    """None where either is undefined."""
    among, stored = found.raters.headline, found.stored.headline
    if among.value is None or stored.value is None:
        return None
    both = f"{among.name} {among.value:.2f} among reviewers, {stored.value:.2f} with the stored label"
    if among.value >= stored.value + 0.1:
        said = "more than with the stored label", "the label is more often wrong than the task unclear"
    elif stored.value >= among.value + 0.1:
        said = "less than with the stored label", "look at who differs before you blame the label"
    elif among.value < 0.4:
        said = "as little as with the stored label", "the task may be ambiguous, or the guideline unclear"
    else:
        words = f"Reviewers agree with each other about as much as with the stored label ({both})."
        return Comparison(tells=False, words=words)
    return Comparison(tells=True, words=f"Reviewers agree with each other {said[0]} ({both}): {said[1]}.")


def card(found: Statistics, methods: str, limits: tuple[str, ...]) -> str:
    """Markdown for the dataset card of a Hub."""
    lines = [f"## Label quality of {found.scope.dataset.title}", "", methods, "", *_table(found), ""]
    return "\n".join([*lines, "Limits:", "", *(f"- {limit}" for limit in limits), ""])


def _table(found: Statistics) -> Iterator[str]:
    yield "| label | wrong | 95 % interval | entries judged | agreement of reviewers | Gwet’s AC1 or alpha |"
    yield "|---|---|---|---|---|---|"
    for one in found.fields:
        share, interval, n = _numbers(one.error_rate)
        agreement, headline = one.raters.agreement.value, one.raters.headline.value
        said = " | ".join("not known" if value is None else f"{value:.3f}" for value in (agreement, headline))
        yield f"| `{one.field.name}` | {share} | {interval} | {n} | {said} |"


def _numbers(rate: RateEstimate | None) -> tuple[str, str, str]:
    if rate is None or rate.rate is None or rate.low is None or rate.high is None:
        return "not known", "", "0"
    return f"{rate.rate:.1%}", f"{rate.low:.1%} to {rate.high:.1%}", f"{rate.n:,}"
