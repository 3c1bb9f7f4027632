"""What becomes of first answers that differ from the stored label, once it is revealed."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import case, func
from sqlalchemy.orm import Session

from app.agreement.calibration.looking import FIRST_TIME, VALUE, Look
from app.agreement.calibration.share import Share
from app.models import Review, Verdict
from app.models.label_field import CANNOT_JUDGE, LABEL_FIELDS, encode_value

Revised = Counter[tuple[str, str]]  # of label field: to the "stored" one, "kept", another "other", or "unsure"
_NOTHING = (encode_value(CANNOT_JUDGE), encode_value(None))


def find_revised(db: Session, look: Look) -> Revised:
    """Of blind reviews; not where the reviewer could not judge, or the dataset says nothing."""
    became = case(
        (VALUE.is_(None), "unsure"),
        (Verdict.stored_value == VALUE, "stored"),
        (Verdict.first_value == VALUE, "kept"),
        else_="other",
    )
    found = look.mine(Verdict.label_field, became, func.count(), is_told=False)
    found = found.where(FIRST_TIME, Review.blind, Verdict.first_value != Verdict.stored_value)
    found = found.where(Verdict.first_value.not_in(_NOTHING), Verdict.stored_value.not_in(_NOTHING))
    found = found.group_by(Verdict.label_field, became)
    return Counter({(field, kind): count for field, kind, count in db.execute(found)})


@dataclass(frozen=True)
class Reveal:
    """Of one label: how often the first answer gave way to the stored label."""

    field: str
    moved: Share
    kept: int
    other: int
    unsure: int


def reveals(revised: Revised) -> tuple[Reveal, ...]:
    found = []
    for name in LABEL_FIELDS:
        moved, kept, other, unsure = (revised[name, kind] for kind in ("stored", "kept", "other", "unsure"))
        if n := moved + kept + other + unsure:
            found.append(Reveal(name, Share(moved, n), kept, other, unsure))
    return tuple(found)
