"""A reviewer's calibration as plain data."""

from typing import Any

from app.agreement.calibration.found import Calibration
from app.agreement.calibration.position import Position
from app.agreement.calibration.reveal import Reveal
from app.agreement.calibration.share import Share
from app.agreement.calibration.with_others import FieldWithOthers
from app.agreement.measures.intervals import Interval
from app.agreement.measures.measure import Measure
from app.models.label_field import decode_value

Document = dict[str, Any]


def document(found: Calibration) -> Document:
    pace = found.pace
    return {
        "pace": {
            "method": "reviewing-pace",
            "n": pace.n,
            "median": pace.median,
            "interval": _interval(pace.interval),
            "lower_quartile": pace.lower_quartile,
            "upper_quartile": pace.upper_quartile,
            "not_measured": pace.not_measured,
        },
        "with_others": {one.field: _with_others(one) for one in found.with_others},
        "with_adjudications": {name: _share(one, "with-settled") for name, one in found.with_settled.items()},
        "left_side": {one.field: _position(one) for one in found.positions},
        "after_reveal": {one.field: _reveal(one) for one in found.reveals},
        "repeats": {one.field: {**_share(one.same, "repeats"), "unsure": one.unsure} for one in found.repeats},
        "weeks": [
            {
                "week": week.name,
                "begins": week.begins.isoformat(),
                **_share(week.agree, "weeks"),
                "unsure": week.unsure,
            }
            for week in found.weeks
        ],
    }


def _share(share: Share, method: str) -> Document:
    return {
        "method": method,
        "count": share.count,
        "n": share.n,
        "share": share.value,
        "interval": _interval(share.interval),
    }


def _interval(found: Interval | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]


def _with_others(one: FieldWithOthers) -> Document:
    values = [decode_value(value) for value in one.values]
    return {
        **_share(one.share, "with-others"),
        "entries": one.entries,
        "all_reviewers": _share(one.team, "with-others"),
        "kappa": None if one.kappa is None else _measure(one.kappa),
        "table": {"values": values, "counts": [list(counts) for counts in one.table]} if one.table else None,
    }


def _measure(one: Measure) -> Document:
    return {"method": one.method, "value": one.value, "n": one.n, "why_undefined": one.why_undefined or None}


def _position(one: Position) -> Document:
    left = _share(one.left, "position-bias")
    return {**left, "ties": one.ties, "no_answer": one.none, "contains_one_half": one.has_one_half}


def _reveal(one: Reveal) -> Document:
    moved = _share(one.moved, "reveal-effect")
    return {**moved, "kept": one.kept, "other": one.other, "unsure": one.unsure}
