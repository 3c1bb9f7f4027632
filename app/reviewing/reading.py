"""A form as a browser sends it, names with lists of values, to a typed review. Strict in numbers, else as it came."""

from collections.abc import Mapping, Sequence

from app.errors import InvalidInput
from app.reviewing.forms import TypedReview, TypedVerdict
from app.terms.flag_kind import FlagKind

_LONGEST_KEY, _MOST_SECONDS = 64, 24 * 3600


def read_review(form: Mapping[str, Sequence[str]]) -> TypedReview:
    """Raises InvalidInput for a number that is none; everything else is judged later, field by field."""
    verdicts = {
        name: TypedVerdict(
            verdict=_one(form, f"verdict.{name}"),
            corrected=tuple(form.get(f"corrected.{name}", ())),
            reason=_one(form, f"reason.{name}"),
        )
        for name in _names(form, "verdict.")
    }
    flag = _one(form, "flag")
    return TypedReview(
        verdicts=verdicts,
        answers={name: tuple(filter(None, form[f"answer.{name}"])) for name in _names(form, "answer.")},
        comment=_one(form, "comment"),
        flag=FlagKind.OTHER if flag == "yes" else flag,  # as it was said before there were kinds
        revision=_number(form, "revision", "the number that the form came with"),
        seconds=min(_number(form, "seconds", "a number of seconds"), _MOST_SECONDS) or None,
        key=_one(form, "key")[:_LONGEST_KEY] or None,
        stage=_one(form, "stage"),
    )


def _names(form: Mapping[str, Sequence[str]], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in form if name.startswith(prefix)]


def _one(form: Mapping[str, Sequence[str]], name: str) -> str:
    values = form.get(name) or ("",)
    return values[-1]


def _number(form: Mapping[str, Sequence[str]], name: str, what: str) -> int:
    text = _one(form, name) or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise InvalidInput(f"{name} must be {what}.", name)
    return int(text)
