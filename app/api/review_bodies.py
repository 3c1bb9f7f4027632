"""A review as a script sends it, to a typed review; strictly, since nobody looks at what a script sends."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.api.json_bodies import Object, check_names
from app.errors import InvalidInput
from app.models.label_field import TIE, LabelField, LabelKind, LabelValue, encode_value
from app.models.review import VerdictKind
from app.reviewing.forms import TypedReview, TypedVerdict
from app.terms.flag_kind import FlagKind

FIELDS = ("verdicts", "comment", "flag", "seconds")
_OF_VERDICT = ("verdict", "corrected_value", "reason")
MOST_SECONDS = 24 * 3600


def read_review_body(
    body: Object, fields: Sequence[LabelField], first: Mapping[str, LabelValue], revision: int
) -> TypedReview:
    """`first` are the answers that were given blind, if so: what is corrected then is known. Raises InvalidInput."""
    check_names(body, FIELDS)
    seconds, flag = body.get("seconds"), body.get("flag")
    if seconds is not None and (type(seconds) is not int or not 0 <= seconds <= MOST_SECONDS):
        raise InvalidInput(f"seconds must be a whole number from 0 to {MOST_SECONDS:,}, or null.", "seconds")
    if flag is not None and flag not in list(FlagKind):
        raise InvalidInput(f"flag must be one of {', '.join(FlagKind)}, or null.", "flag", list(FlagKind))
    return TypedReview(
        verdicts=_verdicts(body.get("verdicts", {}), fields, first),
        comment=_text(body, "comment", ""),
        flag=flag or "",
        revision=revision,
        seconds=seconds or None,
    )


def _verdicts(found: Any, fields: Sequence[LabelField], first: Mapping[str, LabelValue]) -> dict[str, TypedVerdict]:
    if not isinstance(found, dict):
        raise InvalidInput("verdicts must be an object: label fields with a verdict each.", "verdicts")
    by_name = {field.name: field for field in fields}
    check_names(found, by_name.keys(), "verdicts")
    return {name: _verdict(one, by_name[name], first) for name, one in found.items()}


def _verdict(found: Any, field: LabelField, first: Mapping[str, LabelValue]) -> TypedVerdict:
    where = f"verdicts.{field.name}"
    if not isinstance(found, dict):
        raise InvalidInput(f"{where} must be an object with a verdict.", where)
    check_names(found, _OF_VERDICT, where)
    verdict, corrected = found.get("verdict"), found.get("corrected_value")
    kinds = list(VerdictKind)
    if verdict not in kinds:
        raise InvalidInput(f"{where}.verdict must be one of {', '.join(kinds)}.", f"{where}.verdict", kinds)
    reason = _text(found, "reason", where)
    if reason and verdict == VerdictKind.AGREE:
        raise InvalidInput(f"{where}.reason is for who does not agree.", f"{where}.reason")
    return TypedVerdict(verdict, _corrected(corrected, verdict, field, where, first), reason)


def _corrected(
    value: Any, verdict: str, field: LabelField, where: str, first: Mapping[str, LabelValue]
) -> tuple[str, ...]:
    name = f"{where}.corrected_value"
    if value is None:
        if verdict == VerdictKind.DISAGREE and field.kind is LabelKind.CATEGORIES and field.name not in first:
            raise InvalidInput(f"{name} must say what they should be: a list of codes, [] for none.", name)
        return ()
    if verdict != VerdictKind.DISAGREE:
        raise InvalidInput(f"{name} is for who disagrees.", name)
    if field.name in first and encode_value(value) != encode_value(first[field.name]):
        raise InvalidInput(f"{name}: you answered this blind, and your answer stays as it was. Leave it out.", name)
    if not _FITS[field.kind](value):
        raise InvalidInput(f"{name} must be {_WORDS[field.kind]}.", name)
    return tuple(value) if isinstance(value, list) else (str(value).lower(),)


_FITS: Mapping[LabelKind, Callable[[Any], bool]] = {
    LabelKind.SAFE: lambda value: type(value) is bool,
    LabelKind.SEVERITY: lambda value: type(value) is int,
    LabelKind.SIDE: lambda value: type(value) is int or value == TIE,
    LabelKind.CATEGORIES: lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
}
_WORDS = {
    LabelKind.SAFE: "true or false",
    LabelKind.SEVERITY: "a severity level, a whole number",
    LabelKind.SIDE: f"0, 1 or {TIE!r}",
    LabelKind.CATEGORIES: "a list of codes of harm categories",
}


def _text(found: Object, name: str, where: str) -> str:
    text = found.get(name)
    if text is not None and not isinstance(text, str):
        full = f"{where}.{name}" if where else name
        raise InvalidInput(f"{full} must be a text, or null.", full)
    return text or ""
