"""A review as the form that its reviewer finds: as saved, as left unfinished, or as it could not be saved."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.models import Entry, Verdict
from app.models.label_field import LabelField, LabelKind, LabelValue, decode_value, fields_of
from app.reviewing.answering import answer_form, confirm_form, decode_answers
from app.reviewing.forms import (
    Difference,
    FieldForm,
    OutdatedVerdict,
    ReviewForm,
    TypedReview,
    TypedVerdict,
    field_form,
    words_of,
)
from app.reviewing.queries import State
from app.reviewing.reading import read_review
from app.reviewing.sight import Sight
from app.terms.taxonomy import Taxonomy


def get_form(entry: Entry, state: State, sight: Sight) -> ReviewForm:
    """The reviewer's review as it was left: as saved, or with what was typed since."""
    saved = saved_form(entry, state, sight)
    typed = None if state.draft is None else read_review(state.draft.form)
    if typed is None or typed.stage not in ("", sight.stage):  # of before the reveal, or of the other mode
        return saved
    return replace(filled_in(saved, entry, typed, {}), is_draft=True)


def saved_form(entry: Entry, state: State, sight: Sight) -> ReviewForm:
    review = state.review
    verdicts = review.verdicts if review else []
    typed = {verdict.label_field: _typed(verdict) for verdict in verdicts if not verdict.outdated}
    outdated = {verdict.label_field: verdict for verdict in verdicts if verdict.outdated}
    first = decode_answers(review.first_answers if review else None)
    empty = TypedReview(verdicts=typed)
    return ReviewForm(
        sight=sight,
        fields=_field_forms(entry, sight, empty, {}, _outdated(outdated, entry, sight), first),
        comment=state.comment,
        flag=state.flag,
        revision=review.revision if review else 0,
        state=review.state if review else "new",
        key=secrets.token_urlsafe(12),
        seconds=(review.active_seconds or 0) if review else 0,
        is_put_off=state.is_put_off,
        decision=state.decision,
        updated_at=review.updated_at if review else None,
    )


def filled_in(
    saved: ReviewForm, entry: Entry, typed: TypedReview, mistakes: Mapping[str, str], error: str | None = None
) -> ReviewForm:
    """The form with what was typed, a sentence by each field, and the revision it was filled in on."""
    outdated = {form.field.name: form.outdated for form in saved.fields}
    first = {form.field.name: form.first for form in saved.fields if form.first is not None}
    return replace(
        saved,
        fields=_field_forms(entry, saved.sight, typed, mistakes, outdated, first),
        comment=typed.comment,
        flag=typed.flag,
        revision=typed.revision,
        seconds=typed.seconds or saved.seconds,
        error=error,
    )


def stale_form(saved: ReviewForm, entry: Entry, typed: TypedReview) -> ReviewForm:
    """What was typed beside what is saved; sending it again replaces the saved one knowingly."""
    sent = filled_in(saved, entry, typed, {})
    differences = tuple(_differences(saved, sent, entry))
    return replace(sent, revision=saved.revision, differences=differences)


def _field_forms(
    entry: Entry,
    sight: Sight,
    typed: TypedReview,
    mistakes: Mapping[str, str],
    outdated: Mapping[str, OutdatedVerdict | None],
    first: Mapping[str, LabelValue],
) -> tuple[FieldForm, ...]:
    taxonomy = entry.dataset.taxonomy
    if sight.is_blind:
        asked = sight.task.asked_fields(entry.dataset)
        return tuple(answer_form(field, taxonomy, sight, typed.answers, mistakes) for field in asked)
    return tuple(
        confirm_form(form, first[name], taxonomy, sight) if name in first else form
        for label in sight.task.asked_labels(entry)
        for name in [label.field.name]
        for form in [
            field_form(label, taxonomy, sight, typed.verdicts.get(name), mistakes.get(name), outdated.get(name))
        ]
    )


def _outdated(verdicts: Mapping[str, Verdict], entry: Entry, sight: Sight) -> dict[str, OutdatedVerdict | None]:
    fields = {field.name: field for field in fields_of(entry.dataset)}
    taxonomy = entry.dataset.taxonomy
    return {
        name: OutdatedVerdict(
            stored_words=words_of(fields[name], decode_value(verdict.stored_value), taxonomy, sight),
            said=_said_by(verdict, fields[name], taxonomy, sight),
        )
        for name, verdict in verdicts.items()
        if name in fields
    }


def _said_by(verdict: Verdict, field: LabelField, taxonomy: Taxonomy, sight: Sight) -> str:
    if verdict.corrected_value is None:
        return verdict.verdict
    return f"{verdict.verdict}: {words_of(field, decode_value(verdict.corrected_value), taxonomy, sight)}"


def _typed(verdict: Verdict) -> TypedVerdict:
    corrected = decode_value(verdict.corrected_value) if verdict.corrected_value else None
    values = corrected if isinstance(corrected, list) else [] if corrected is None else [str(corrected).lower()]
    return TypedVerdict(verdict.verdict, tuple(values), verdict.reason or "")


def _differences(saved: ReviewForm, sent: ReviewForm, entry: Entry) -> Sequence[Difference]:
    found = []
    for one, other in zip(saved.fields, sent.fields, strict=True):
        said = [_said(form, entry) for form in (one, other)]
        if said[0] != said[1]:
            found.append(Difference(one.full_title, *said))
    if saved.comment.strip() != sent.comment.strip():
        found.append(Difference("Comment", saved.comment or "none", sent.comment or "none"))
    if saved.flag != sent.flag:
        found.append(Difference("Flag", *(form.flag.replace("_", " ") or "not flagged" for form in (saved, sent))))
    return found


def _said(form: FieldForm, entry: Entry) -> str:
    typed = form.typed
    if typed.verdict != "disagree":
        return typed.verdict or "no verdict"
    taxonomy = entry.dataset.taxonomy
    if form.first_words:
        instead = form.first_words
    elif form.field.kind is LabelKind.CATEGORIES:
        instead = form.field.words([c for c in taxonomy.bits if c in typed.corrected], taxonomy)
    else:
        labels = {choice.value: choice.label for choice in form.choices}
        instead = ", ".join(labels.get(value, value) for value in typed.corrected) or form.choices[0].label
    return f"disagree: {instead}" + (f" ({typed.reason})" if typed.reason else "")
