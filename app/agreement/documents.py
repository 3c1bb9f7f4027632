"""The statistics of a session as plain data: for JSON, for the command, and for whoever scripts against them."""

from typing import Any

from app.agreement.estimation import RateEstimate
from app.agreement.field_statistics import FieldStatistics, LabelAgreement
from app.agreement.measures.intervals import Interval
from app.agreement.measures.measure import Measure
from app.agreement.session_statistics import SessionStatistics

Document = dict[str, Any]


def session_document(found: SessionStatistics) -> Document:
    session = found.session
    return {
        "session": session.id,
        "name": session.name,
        "dataset": found.dataset.slug,
        "state": session.state,
        "blind": session.is_blind,
        "overlap": session.overlap,
        "reviews": {"wanted": found.response.wanted, "done": found.response.done, "put_off": found.response.put_off},
        "entries": found.entries,
        "reviewers": found.reviewers,
        "fields": {one.field.name: _field(one) for one in found.fields},
        "acceptance": {
            "plan": session.acceptance,
            "decisions": {field.name: decision for field, decision in found.decisions},
        }
        if session.acceptance
        else None,
    }


def _field(found: FieldStatistics) -> Document:
    return {
        "label_agreement": {"blind": _agreement(found.blind), "open": _agreement(found.open)},
        "error_rate": _rate(found.error_rate),
        "error_rate_by_stratum": {name: _rate(rate) for name, rate in found.by_stratum.items()},
        "between_reviewers": [_measure(measure) for measure in found.raters],
        "with_stored_label": [_measure(measure) for measure in found.stored],
        "confusion": [
            {"stored": change.stored, "value": change.value, "count": change.count} for change in found.confusion
        ],
        "note": found.paradox or None,
    }


def _agreement(found: LabelAgreement) -> Document:
    counts = {name: getattr(found, name) for name in ("agree", "disagree", "unsure", "outdated", "n", "share")}
    return {**counts, "wilson": _interval(found.wilson), "clopper_pearson": _interval(found.exact)}


def _rate(found: RateEstimate) -> Document:
    names = ("rate", "low", "high", "count", "count_low", "count_high", "n", "population", "method", "design_effect")
    numbers = {name: getattr(found, name) for name in names}
    return {**numbers, "why_undefined": found.why_undefined or None, "notes": list(found.notes)}


def _measure(found: Measure) -> Document:
    return {
        "name": found.name,
        "method": found.method,
        "value": found.value,
        "n": found.n,
        "why_undefined": found.why_undefined or None,
    }


def _interval(found: Interval | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]
