"""Whether a reviewer says of an entry that is shown again what they said the first time."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import and_, case, func
from sqlalchemy.orm import Session, aliased

from app.agreement.calibration.looking import UNTOLD, Look, untold_of
from app.agreement.calibration.share import Share
from app.models import ItemKind, Review, ReviewState, SessionEntry, Verdict
from app.models.label_field import CANNOT_JUDGE, LABEL_FIELDS, encode_value

Again = Counter[tuple[str, str]]  # of label field: the "same", "other", or "unsure" once at least
_NO_ANSWER = encode_value(CANNOT_JUDGE)
_FirstReview, _FirstVerdict = aliased(Review), aliased(Verdict)
_FIRST_TIME = untold_of(_FirstReview, _FirstVerdict)


def find_again(db: Session, look: Look) -> Again:
    """In sessions that may be told of: before, nobody is to know what comes back. Of blind reviews first answers."""
    unsure = (UNTOLD.is_(None), _FIRST_TIME.is_(None), UNTOLD == _NO_ANSWER, _FIRST_TIME == _NO_ANSWER)
    said = case(*((one, "unsure") for one in unsure), (UNTOLD == _FIRST_TIME, "same"), else_="other")
    first = and_(
        _FirstReview.item_id == SessionEntry.repeat_of,
        _FirstReview.reviewer_id == Review.reviewer_id,
        _FirstReview.state == ReviewState.SUBMITTED,
    )
    same_label = and_(_FirstVerdict.review_id == _FirstReview.id, _FirstVerdict.label_field == Verdict.label_field)
    found = look.mine(Verdict.label_field, said, func.count(), is_told=True).where(SessionEntry.kind == ItemKind.REPEAT)
    found = found.join(_FirstReview, first).join(_FirstVerdict, same_label).group_by(Verdict.label_field, said)
    return Counter({(field, kind): count for field, kind, count in db.execute(found)})


@dataclass(frozen=True)
class Repeats:
    field: str
    same: Share
    unsure: int


def repeats(again: Again) -> tuple[Repeats, ...]:
    found = (
        Repeats(name, Share(again[name, "same"], again[name, "same"] + again[name, "other"]), again[name, "unsure"])
        for name in LABEL_FIELDS
    )
    return tuple(one for one in found if one.same.n or one.unsure)
