"""Whether a reviewer prefers what stands on the left, where chance put it there."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import String, case, cast, func
from sqlalchemy.orm import Session

from app.agreement.calibration.looking import FIRST_TIME, UNTOLD, Look
from app.agreement.calibration.share import Share
from app.models import Review, Verdict
from app.models.label_field import LABEL_FIELDS, TIE, LabelKind, encode_value

Sides = Counter[tuple[str, str]]  # of label field: "left", "right", "tie" or "none"
PREFERENCES = tuple(name for name, field in LABEL_FIELDS.items() if field.kind is LabelKind.SIDE)


def find_sides(db: Session, look: Look) -> Sides:
    """Of blind reviews the first answers."""
    said = UNTOLD
    picked = case(
        (said == cast(Review.left_position, String), "left"),
        (said == cast(1 - Review.left_position, String), "right"),
        (said == encode_value(TIE), "tie"),
        else_="none",
    )
    found = look.mine(Verdict.label_field, picked, func.count(), is_told=False)
    found = found.where(FIRST_TIME, Review.shuffled, Review.left_position.is_not(None))
    found = found.where(Verdict.label_field.in_(PREFERENCES)).group_by(Verdict.label_field, picked)
    return Counter({(field, side): count for field, side, count in db.execute(found)})


@dataclass(frozen=True)
class Position:
    """Of one preference."""

    field: str
    left: Share  # of the answers that picked a side
    ties: int
    none: int  # unsure, or could not judge

    @property
    def has_one_half(self) -> bool | None:
        """Whether its interval says that there may be no preference; None without any answer."""
        interval = self.left.interval
        return None if interval is None else interval.low <= 0.5 <= interval.high


def positions(sides: Sides) -> tuple[Position, ...]:
    found = (
        Position(
            name,
            Share(sides[name, "left"], sides[name, "left"] + sides[name, "right"]),
            sides[name, "tie"],
            sides[name, "none"],
        )
        for name in PREFERENCES
    )
    return tuple(one for one in found if one.left.n or one.ties or one.none)
