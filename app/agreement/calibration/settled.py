"""How often a reviewer said what an adjudicator settled."""

from collections import Counter

from sqlalchemy import and_, case, func, or_
from sqlalchemy.orm import Session

from app.agreement.calibration.looking import FIRST_TIME, VALUE, Look
from app.agreement.calibration.share import Share
from app.models import Adjudication, Review, Verdict
from app.models.label_field import LABEL_FIELDS

Settled = Counter[tuple[str, str]]  # of label field: "said" what was settled, "other", or "unsure"


def find_settled(db: Session, look: Look) -> Settled:
    settled = and_(
        Adjudication.entry_id == Review.entry_id,
        Adjudication.label_field == Verdict.label_field,
        Adjudication.reopened_at.is_(None),
    )
    told = or_(Adjudication.session_id.is_(None), Adjudication.session_id.in_(look.sessions))
    said = case((VALUE.is_(None), "unsure"), (Adjudication.value == VALUE, "said"), else_="other")
    found = look.mine(Verdict.label_field, said, func.count(), is_told=True).join(Adjudication, settled)
    found = found.where(FIRST_TIME, Verdict.outdated.is_(False), told).group_by(Verdict.label_field, said)
    return Counter({(field, kind): count for field, kind, count in db.execute(found)})


def with_settled(found: Settled) -> dict[str, Share]:
    """By label field; who was unsure said nothing."""
    shares = {name: Share(found[name, "said"], found[name, "said"] + found[name, "other"]) for name in LABEL_FIELDS}
    return {name: share for name, share in shares.items() if share.n}
