"""Reads a filled-in form against the stored labels: pure, strict, one sentence per mistake."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.comparing.entries import StoredLabel
from app.models.label_field import LabelKind, LabelValue, encode_value
from app.models.review import VerdictKind
from app.reviewing.forms import TypedReview, TypedVerdict, choices
from app.terms.taxonomy import Taxonomy

LONGEST_REASON, LONGEST_COMMENT = 2_000, 10_000


@dataclass(frozen=True)
class Judged:
    """A verdict on one label field, values as canonical JSON."""

    label_field: str
    stored_value: str
    verdict: VerdictKind
    corrected_value: str | None
    reason: str | None


class Mistake(Exception):
    """What is wrong with one field of the form."""


def judge(
    typed: TypedReview, labels: Sequence[StoredLabel], taxonomy: Taxonomy, *, agree_with_rest: bool
) -> tuple[list[Judged], dict[str, str]]:
    """The verdicts, and per label field (or comment) what is wrong; verdicts count only when nothing is."""
    verdicts, mistakes = [], {}
    for label in labels:
        answer = typed.verdicts.get(label.field.name, TypedVerdict())
        if answer.is_empty and agree_with_rest and label.value is not None:
            answer = TypedVerdict(VerdictKind.AGREE)
        if answer.is_empty:
            continue
        try:
            verdicts.append(_judge_field(answer, label, taxonomy))
        except Mistake as mistake:
            mistakes[label.field.name] = str(mistake)
    asked = {label.field.name for label in labels}
    for name in typed.verdicts:
        if name not in asked:
            mistakes[name[:60]] = (
                f"{name[:60]!r} is no label field here; there are {', '.join(sorted(asked)) or 'none'}."
            )
    if len(typed.comment) > LONGEST_COMMENT or "\0" in typed.comment:
        mistakes["comment"] = f"A comment has at most {LONGEST_COMMENT:,} characters and no NUL."
    return verdicts, mistakes


def _judge_field(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> Judged:
    try:
        verdict = VerdictKind(answer.verdict)
    except ValueError:
        raise Mistake("A verdict is agree, disagree or unsure.") from None
    reason = answer.reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Mistake(f"A reason has at most {LONGEST_REASON:,} characters and no NUL.")
    corrected = None
    if verdict is VerdictKind.DISAGREE:
        corrected = encode_value(_corrected(answer, label, taxonomy))
    elif verdict is VerdictKind.AGREE and label.value is None:
        raise Mistake("The dataset has no label here to agree with: say what it should be, or unsure.")
    kept_reason = reason if verdict is not VerdictKind.AGREE else ""
    return Judged(label.field.name, encode_value(label.value), verdict, corrected, kept_reason or None)


def _corrected(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> LabelValue:
    if label.field.kind is LabelKind.CATEGORIES:
        return _corrected_categories(answer, label, taxonomy)
    valid = choices(label, taxonomy)
    given = answer.corrected or ((valid[0].value,) if len(valid) == 1 else ())
    if len(given) != 1:
        raise Mistake("Choose what it should be instead.")
    if given[0] not in {choice.value for choice in valid}:
        allowed = ", ".join(choice.value for choice in valid)
        raise Mistake(f"The corrected value must differ from the stored one and be one of {allowed}.")
    return given[0] == "true" if label.field.kind is LabelKind.SAFE else int(given[0])


def _corrected_categories(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> list[str]:
    given = set(answer.corrected)
    unknown = sorted(given - taxonomy.bits.keys())
    if unknown:
        raise Mistake(f"{unknown[0][:60]!r} is no harm category of this dataset.")
    codes = taxonomy.codes(taxonomy.mask(list(given)))
    if codes == label.value:
        raise Mistake("The corrected categories are the stored ones: change them, or agree.")
    return codes
