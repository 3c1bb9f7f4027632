"""What is remarkable about an entry: its contradictions, and what is none but worth a look."""

from app.terms.contradiction import EXPLANATIONS, HELPFUL_BUT_UNSAFE, Contradiction, Explanation
from app.terms.unit import Unit

ANNOTATED_AGAIN = Explanation("annotated again", "Another entry has the same prompt and response, labelled anew.")
ANNOTATIONS_DIFFER = Explanation("annotations differ", "Another entry labels the same response differently.")
_REPEATS = Contradiction.DUPLICATE | Contradiction.DUPLICATE_LABELS_DIFFER


def is_helpful_but_unsafe(better: int | None, safe_0: bool | None, safe_1: bool | None) -> bool:
    """The better response is the unsafe one of the two."""
    return (better == 0 and safe_0 is False and safe_1 is True) or (better == 1 and safe_1 is False and safe_0 is True)


def notes_of(
    unit: Unit, contradictions: int, better: int | None, safe_0: bool | None, safe_1: bool | None
) -> list[Explanation]:
    """For people. Several annotations of one response are no contradiction: that they differ is worth a look."""
    notes = [HELPFUL_BUT_UNSAFE] if is_helpful_but_unsafe(better, safe_0, safe_1) else []
    if not contradictions or unit is Unit.PROMPT:
        return notes
    found = Contradiction(contradictions)
    if unit is Unit.SINGLE:
        if Contradiction.DUPLICATE_LABELS_DIFFER in found:
            notes.append(ANNOTATIONS_DIFFER)
        found &= ~_REPEATS
    return notes + [EXPLANATIONS[contradiction] for contradiction in found]
