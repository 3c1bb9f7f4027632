"""A blind reviewer's own answers: read by side, kept by label field, and frozen before any stored label is shown.

Names and values speak of left and right: which response is which, the page does not know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.models.label_field import CANNOT_JUDGE, TIE, LabelField, LabelKind, LabelValue, decode_value, encode_value
from app.reviewing.forms import Choice, FieldForm, category_choices, place_of, words_of
from app.reviewing.judging import Mistake
from app.reviewing.sight import SIDES, Sight
from app.terms.taxonomy import Taxonomy

NO_CATEGORY = "none"
NO_ANSWER = "No answer yet; “cannot judge” is one."
TypedAnswers = Mapping[str, tuple[str, ...]]  # by answer name, as they came
Answers = dict[str, LabelValue]  # by label field


def answer_name(field: LabelField, sight: Sight) -> str:
    """left.is_safe, right.severity_level, better, safer."""
    if field.position is None:
        return field.name.removesuffix("_response_id")
    return f"{sight.side(field.position)}.{field.name.partition('.')[2]}"


def read_answers(
    typed: TypedAnswers,
    fields: Sequence[LabelField],
    taxonomy: Taxonomy,
    sight: Sight,
    *,
    cannot_judge_rest: bool = False,
) -> tuple[Answers, dict[str, str]]:
    """Also what is wrong, by answer name: every label is answered, if only by saying that one cannot judge."""
    answers, mistakes = Answers(), {}
    for field in fields:
        name = answer_name(field, sight)
        values = typed.get(name, ())
        if not values and cannot_judge_rest:
            values = (CANNOT_JUDGE,)
        try:
            answers[field.name] = _read(values, field, taxonomy, sight)
        except Mistake as mistake:
            mistakes[name] = str(mistake)
    asked = {answer_name(field, sight) for field in fields}
    for name in typed.keys() - asked:
        mistakes[name[:60]] = f"{name[:60]!r} is no answer here; there are {', '.join(sorted(asked))}."
    return answers, mistakes


def _read(values: tuple[str, ...], field: LabelField, taxonomy: Taxonomy, sight: Sight) -> LabelValue:
    if not values:
        raise Mistake(NO_ANSWER)
    if values == (CANNOT_JUDGE,):
        return CANNOT_JUDGE
    if field.kind is LabelKind.CATEGORIES:
        return _categories(values, taxonomy)
    valid = answers_of(field, taxonomy, sight)
    if len(values) != 1 or values[0] not in valid:
        raise Mistake(f"An answer is one of {', '.join(valid)} or {CANNOT_JUDGE}.")
    return valid[values[0]]


def answers_of(field: LabelField, taxonomy: Taxonomy, sight: Sight) -> dict[str, LabelValue]:
    """What may be answered, as the form says it, to the value it means."""
    if field.kind is LabelKind.SAFE:
        return {"true": True, "false": False}
    if field.kind is LabelKind.SEVERITY:
        return {str(severity.level): severity.level for severity in taxonomy.severities}
    return {**{side: sight.position(side) for side in SIDES}, TIE: TIE}


def _categories(values: Iterable[str], taxonomy: Taxonomy) -> list[str]:
    given = set(values)
    if given == {NO_CATEGORY}:
        return []
    unknown = sorted(given - taxonomy.bits.keys())
    if unknown:
        raise Mistake(f"{unknown[0][:60]!r} is no harm category of this dataset.")
    return taxonomy.codes(taxonomy.mask(list(given)))


def answer_form(
    field: LabelField,
    taxonomy: Taxonomy,
    sight: Sight,
    typed: TypedAnswers,
    mistakes: Mapping[str, str],
) -> FieldForm:
    """Holds nothing that is stored."""
    name = answer_name(field, sight)
    if field.kind is LabelKind.CATEGORIES:
        choices = category_choices(taxonomy)
    else:
        valid = answers_of(field, taxonomy, sight)
        choices = tuple(Choice(value, words_of(field, meant, taxonomy, sight)) for value, meant in valid.items())
    return FieldForm(
        field,
        place_of(field, sight),
        stored=None,
        stored_words="",
        choices=choices,
        answer_name=name,
        answered=typed.get(name, ()),
        error=mistakes.get(name),
    )


def confirm_form(form: FieldForm, first: LabelValue, taxonomy: Taxonomy, sight: Sight) -> FieldForm:
    """The label field once it is revealed, with the answer that was given before."""
    return replace(form, first=first, first_words=words_of(form.field, first, taxonomy, sight))


def encode_answers(answers: Answers) -> dict[str, Any]:
    return {name: encode_value(value) for name, value in answers.items()}


def decode_answers(frozen: Mapping[str, str] | None) -> Answers:
    return {name: decode_value(text) for name, text in (frozen or {}).items()}
