"""Statistics as plain data: for JSON, for the command, and for whoever scripts against them."""

from typing import Any

from app.agreement.breakdown import Breakdown
from app.agreement.estimation import RateEstimate
from app.agreement.field_statistics import FieldStatistics
from app.agreement.label_agreement import Groups, LabelAgreement
from app.agreement.measures.intervals import Interval
from app.agreement.measures.measure import Measure
from app.agreement.outcomes import Direction, Outcomes
from app.agreement.reliability import Reliability
from app.agreement.statistics import Statistics
from app.models.label_field import decode_value

Document = dict[str, Any]


def document(found: Statistics) -> Document:
    session, answered = found.scope.session, found.answered
    return {
        "dataset": found.scope.dataset.slug,
        "session": session
        and {
            "id": session.id,
            "name": session.name,
            "state": session.state,
            "blind": session.is_blind,
            "overlap": session.overlap,
        },
        "conditions": found.scope.conditions or None,
        "reviews": {"done": answered.done, "wanted": answered.wanted, "put_off": answered.put_off},
        "entries": answered.entries,
        "reviewers": answered.reviewers,
        "fields": {one.field.name: field_document(one) for one in found.fields},
        "acceptance": found.acceptance
        and {
            "plan": found.acceptance.to_json(),
            "decisions": {
                one.field.name: {"decision": one.words, "errors": one.errors, "judged": one.judged}
                for one in found.decisions
            },
        },
    }


def field_document(found: FieldStatistics) -> Document:
    return {
        "label_agreement": {"blind": _agreement(found.blind), "open": _agreement(found.open)},
        "error_rate": None if found.error_rate is None else _rate(found.error_rate),
        "error_rate_by_stratum": {name: _rate(rate) for name, rate in found.by_stratum.items()},
        "between_reviewers": _reliability(found.raters),
        "between_reviewers_final": None if found.final is None else _reliability(found.final),
        "with_stored_label": _reliability(found.stored),
        "by_category": {
            one.code: {"between_reviewers": _reliability(one.raters), "with_stored_label": _reliability(one.stored)}
            for one in found.by_category
        },
        "outcomes": _outcomes(found.outcomes),
        "direction": None if found.direction is None else _direction(found.direction),
    }


def breakdown_document(found: Breakdown, *, with_people: bool) -> Document:
    parts = ("by_stratum", "by_category", "by_source", "by_prompt_source")
    by_reviewer = _groups(found.by_reviewer) if with_people else None
    return {**{part: _groups(getattr(found, part)) for part in parts}, "by_reviewer": by_reviewer}


def _groups(groups: Groups) -> Document:
    return {name: _agreement(said) for name, said in groups}


def _agreement(found: LabelAgreement) -> Document:
    counts = {name: getattr(found, name) for name in ("agree", "disagree", "unsure", "outdated", "n", "share")}
    return {**counts, "wilson": _interval(found.wilson), "clopper_pearson": _interval(found.exact)}


def _rate(found: RateEstimate) -> Document:
    names = ("rate", "low", "high", "count", "count_low", "count_high", "n", "population", "method", "design_effect")
    numbers = {name: getattr(found, name) for name in names}
    return {**numbers, "why_undefined": found.why_undefined or None, "notes": list(found.notes)}


def _reliability(found: Reliability) -> Document:
    return {
        "measures": [_measure(measure) for measure in found.measures],
        "prevalence": found.commonest,
        "note": found.paradox or None,
        "table": found.table and {"values": list(found.values), "counts": found.table},
    }


def _measure(found: Measure) -> Document:
    return {
        "name": found.name,
        "method": found.method,
        "value": found.value,
        "n": found.n,
        "interval": _interval(found.interval),
        "why_undefined": found.why_undefined or None,
    }


def _outcomes(found: Outcomes) -> Document:
    cells = sorted(found.cells.items(), key=lambda cell: (-len(cell[1]), cell[0]))
    return {
        "cells": [
            {"stored": decode_value(stored), "right": decode_value(right), "entries": len(entries)}
            for (stored, right), entries in cells
        ],
        "contested": len(found.contested),
        "unanswered": found.unanswered,
    }


def _direction(found: Direction) -> Document:
    one, other = (
        {"what": words, "entries": n} for words, n in zip(found.words, (found.one_way, found.other_way), strict=True)
    )
    return {"one_way": one, "other_way": other, "mcnemar_p": found.p, "mean_shift": found.shift}


def _interval(found: Interval | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]
