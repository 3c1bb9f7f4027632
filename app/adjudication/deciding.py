"""Reads what an adjudicator decided of an entry's labels: strict, one sentence per mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.adjudication.cases import Case, Dispute
from app.errors import InvalidInput
from app.models import ErrorKind
from app.models.label_field import encode_value
from app.terms.taxonomy import Taxonomy

LONGEST_REASON = 2_000
OTHER_SET = "other"  # categories that nobody gave: those that are ticked
ERROR_KINDS = {
    ErrorKind.NONE: "none: the stored label is right",
    ErrorKind.LABEL_WRONG: "label wrong",
    ErrorKind.GUIDELINE_UNCLEAR: "guideline unclear",
    ErrorKind.AMBIGUOUS: "ambiguous",
    ErrorKind.REVIEWER_SLIP: "reviewer slip",
    ErrorKind.TEXT_BROKEN: "text broken",
}


@dataclass(frozen=True)
class TypedDecision:
    """Of one label, as it was sent."""

    value: str = ""
    categories: tuple[str, ...] = ()
    error_kind: str = ""  # empty: as the value says
    reason: str = ""


@dataclass(frozen=True)
class Settling:
    """A label's decision, values as canonical JSON."""

    label_field: str
    title: str
    stored_value: str
    value: str
    error_kind: ErrorKind
    reason: str | None


def decide(
    case: Case, typed: Mapping[str, TypedDecision], stored: Mapping[str, str], taxonomy: Taxonomy
) -> list[Settling]:
    """Of the labels for which a value was chosen; raises InvalidInput naming the label."""
    disputes = {dispute.field.name: dispute for dispute in case.disputes}
    unknown = sorted(typed.keys() - disputes.keys())
    if unknown:
        raise InvalidInput(f"{unknown[0][:60]!r} is no label that this session asks for.", valid=sorted(disputes))
    decided = [
        _decide(disputes[name], decision, stored[name], taxonomy) for name, decision in typed.items() if decision.value
    ]
    if not decided:
        raise InvalidInput("Choose a value for at least one label.")
    return decided


def _decide(dispute: Dispute, typed: TypedDecision, stored: str, taxonomy: Taxonomy) -> Settling:
    name, value = dispute.field.name, _value(dispute, typed, taxonomy)
    reason = typed.reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InvalidInput(f"{dispute.title}: a reason has at most {LONGEST_REASON:,} characters and no NUL.", name)
    if typed.error_kind and typed.error_kind not in set(ErrorKind):
        raise InvalidInput(f"{dispute.title}: a kind of error is one of {', '.join(ErrorKind)}.", name, list(ErrorKind))
    by_value = ErrorKind.NONE if value == stored else ErrorKind.LABEL_WRONG
    kind = ErrorKind(typed.error_kind) if typed.error_kind else by_value
    return Settling(name, dispute.title, stored, value, kind, reason or None)


def _value(dispute: Dispute, typed: TypedDecision, taxonomy: Taxonomy) -> str:
    name = dispute.field.name
    if typed.value == OTHER_SET and dispute.categories:
        return _ticked(dispute, typed.categories, taxonomy)
    values = [option.value for option in dispute.options]
    if typed.value not in values:
        raise InvalidInput(f"{dispute.title}: choose one of the values shown.", name, values)
    return typed.value


def _ticked(dispute: Dispute, categories: Sequence[str], taxonomy: Taxonomy) -> str:
    unknown = sorted(set(categories) - taxonomy.bits.keys())
    if unknown:
        raise InvalidInput(f"{unknown[0][:60]!r} is no harm category of this dataset.", dispute.field.name)
    return encode_value(taxonomy.codes(taxonomy.mask(sorted(set(categories)))))
