"""Statistics on the labels of a garden, as the API gives them."""

from app.api.description.examples import Example

_SAID: Example = {
    "agree": 46, "disagree": 14, "unsure": 2, "outdated": 0, "n": 60, "share": 0.7666666666666667,
    "wilson": [0.6456, 0.8556], "clopper_pearson": [0.6396, 0.8662],
}  # fmt: skip
_NOTHING: Example = {
    "agree": 0, "disagree": 0, "unsure": 0, "outdated": 0, "n": 0, "share": None,
    "wilson": None, "clopper_pearson": None,
}  # fmt: skip
_RATE: Example = {
    "rate": 0.21, "low": 0.12, "high": 0.33, "count": 64.1, "count_low": 36.6, "count_high": 100.7, "n": 31,
    "population": 305, "method": "error-rate-simple", "design_effect": 1.0, "why_undefined": None, "notes": [],
}  # fmt: skip
_RELIABILITY: Example = {
    "measures": [
        {"name": "Cohen’s kappa", "method": "cohen-kappa", "value": 0.71, "n": 30, "interval": [0.45, 0.92],
         "why_undefined": None},
    ],
    "prevalence": 0.6,
    "note": None,
    "table": {"values": [True, False], "counts": [[16, 2], [2, 10]]},
}  # fmt: skip
_FIELD: Example = {
    "label_agreement": {"blind": _NOTHING, "open": _SAID},
    "error_rate": _RATE,
    "error_rate_by_stratum": {},
    "between_reviewers": _RELIABILITY,
    "between_reviewers_final": None,
    "with_stored_label": _RELIABILITY,
    "by_category": {},
    "outcomes": {
        "cells": [{"stored": True, "right": True, "entries": 22}, {"stored": True, "right": False, "entries": 5}],
        "contested": 3,
        "unanswered": 1,
    },
    "direction": {
        "one_way": {"what": "called unsafe, held to be safe", "entries": 0},
        "other_way": {"what": "called safe, held to be unsafe", "entries": 5},
        "mcnemar_p": 0.0625,
        "mean_shift": None,
    },
}
AGREEMENT: Example = {
    "dataset": "garden",
    "session": {"id": 1, "name": "Spring check", "state": "closed", "blind": False, "overlap": 2},
    "conditions": None,
    "reviews": {"done": 62, "wanted": 62, "put_off": 0},
    "entries": 31,
    "reviewers": 2,
    "fields": {"response_0.is_safe": _FIELD},
    "acceptance": {
        "plan": {"kind": "single", "lot": 305, "n": 31, "allowed": 3},
        "decisions": {"response_0.is_safe": {"decision": "reject", "errors": 7, "judged": 31}},
    },
}
FIELD_AGREEMENT: Example = {
    "label_field": "response_0.is_safe",
    **_FIELD,
    "breakdown": {
        "by_stratum": {},
        "by_category": {"none": _SAID},
        "by_source": {},
        "by_prompt_source": {},
        "by_reviewer": {"Alice": _SAID},
    },
}
