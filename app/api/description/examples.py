"""An answer of every kind, about plants: what the description shows, and the tests hold against the schema."""

from typing import Any

Example = dict[str, Any]

_LINKS = {
    "self": "/api/v1/datasets/garden",
    "entries": "/api/v1/datasets/garden/entries",
    "statistics": "/api/v1/datasets/garden/statistics",
    "page": "/datasets/garden",
}
SUMMARY: Example = {
    "id": 17,
    "split": "train",
    "subset": None,
    "row": 17,
    "prompt": "How often do I water a cactus?",
    "prompt_source": None,
    "responses": [
        {
            "position": 0,
            "beginning": "Every morning, up to the rim of the pot.",
            "source": "Alpaca-7B",
            "is_safe": False,
            "severity_level": 1,
            "harm_categories": ["Environmental Damage"],
        },
        {
            "position": 1,
            "beginning": "Barely at all in winter.",
            "source": "Alpaca-7B",
            "is_safe": True,
            "severity_level": 0,
            "harm_categories": [],
        },
    ],
    "better_response_id": 0,
    "safer_response_id": 1,
    "notes": ["helpful but unsafe"],
    "status": "unreviewed",
    "flagged": False,
    "withdrawn": False,
}
ENTRY_LIST: Example = {
    "total": 214,
    "of": 305,
    "first_place": 1,
    "sentence": "214 of 305 entries with only response 1 safe",
    "entries": [SUMMARY],
    "facets": {"safety": {"both_safe": 60, "only_0_safe": 20, "only_1_safe": 214, "both_unsafe": 11, "unknown": 0}},
    "next": "17",
    "is_behind": False,
}
ENTRY: Example = {
    "id": 17,
    "dataset": "garden",
    "split": "train",
    "subset": None,
    "row": 17,
    "content_key": "8d0e7c1f5ab2946387e1f2a45c6b7d8e9f001122",
    "prompt": "How often do I water a cactus?",
    "prompt_source": None,
    "responses": [
        {"position": 0, "text": "Every morning, up to the rim of the pot.", "source": "Alpaca-7B"},
        {"position": 1, "text": "Barely at all in winter.", "source": "Alpaca-7B"},
    ],
    "labels": {
        "response_0.is_safe": False,
        "response_0.harm_categories": ["environmental-damage"],
        "response_0.severity_level": 1,
        "response_1.is_safe": True,
        "response_1.harm_categories": [],
        "response_1.severity_level": 0,
        "better_response_id": 0,
        "safer_response_id": 1,
    },
    "notes": ["helpful but unsafe"],
    "status": "unreviewed",
    "flagged": False,
    "withdrawn": False,
    "extra": {},
}
REVIEW_TO_PUT: Example = {
    "verdicts": {
        "response_0.is_safe": {"verdict": "agree"},
        "better_response_id": {"verdict": "disagree", "corrected_value": 1, "reason": "The first one drowns it."},
    },
    "comment": "Cacti store water.",
    "flag": None,
    "seconds": 21,
}
REVIEW: Example = {
    "entry": 17,
    "state": "submitted",
    "revision": 1,
    "blind": False,
    "verdicts": {
        "response_0.is_safe": {
            "verdict": "agree",
            "corrected_value": None,
            "reason": None,
            "stored_value": False,
            "first_value": None,
            "outdated": False,
        },
        "better_response_id": {
            "verdict": "disagree",
            "corrected_value": 1,
            "reason": "The first one drowns it.",
            "stored_value": 0,
            "first_value": None,
            "outdated": False,
        },
    },
    "comment": "Cacti store water.",
    "flag": None,
    "seconds": 21,
    "updated_at": "2026-11-23T09:10:00Z",
}
DATASET_SUMMARY: Example = {
    "slug": "garden",
    "title": "Garden pairs",
    "unit": "pair",
    "licence": "cc0-1.0",
    "source": "garden/pairs",
    "revision": "9421ffa0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6",
    "data_version": 3,
    "counts": {"reviewed": 12, "disputed": 1, "flagged": 2, "entries": 305, "withdrawn": 0},
    "splits": {"test": 30, "train": 275},
    "label_fields": ["response_0.is_safe", "response_1.is_safe", "better_response_id", "safer_response_id"],
    "taxonomy": {
        "categories": [
            {"code": "environmental-damage", "name": "Environmental Damage", "definition": "Harm to land or water."}
        ],
        "severities": [{"level": 0, "name": "none", "definition": "No harm."}],
    },
    "created_at": "2026-11-23T09:00:00Z",
    "links": _LINKS,
}
DATASET_LIST: Example = {"datasets": [DATASET_SUMMARY]}
DATASET: Example = {
    **DATASET_SUMMARY,
    "citation": None,
    "facets": [
        {
            "name": "split",
            "title": "Split",
            "values": [
                {"value": "test", "label": "test", "hint": ""},
                {"value": "train", "label": "train", "hint": ""},
            ],
        }
    ],
    "sorts": [{"value": "position", "label": "position"}, {"value": "length", "label": "length, longest first"}],
    "imports": [
        {
            "id": 1,
            "source": "garden/pairs",
            "revision": "9421ffa0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6",
            "subset": None,
            "splits": ["train", "test"],
            "state": "complete",
            "rows_read": 305,
            "rows_imported": 305,
            "rows_rejected": 0,
            "rows_changed": 0,
            "rows_withdrawn": 0,
            "started_at": "2026-11-23T09:00:00Z",
            "finished_at": "2026-11-23T09:00:02Z",
        }
    ],
}
STATISTICS: Example = {
    "dataset": "garden",
    "total": 305,
    "of": 305,
    "sentence": "All 305 entries",
    "distinct_prompts": 290,
    "reviews": {"reviewed": 12, "disputed": 1, "flagged": 2},
    "facets": {"conflict": {"yes": 40, "no": 265}},
    "crossed": {
        "rows": {"facet": "split", "totals": {"test": 30, "train": 275}, "without": 0, "left_out": 0},
        "columns": {"facet": "conflict", "totals": {"yes": 40, "no": 265}, "without": 0, "left_out": 0},
        "counts": {"test": {"yes": 4, "no": 26}, "train": {"yes": 36, "no": 239}},
    },
    "agreement": [
        {
            "label_field": "better_response_id",
            "title": "Better",
            "agree": 9,
            "disagree": 3,
            "unsure": 0,
            "outdated": 0,
            "n": 12,
            "share": 0.75,
            "interval": {"low": 0.467695, "high": 0.911058},
        }
    ],
    "non_response": {"put_off": 2, "opted_out": 1},
    "is_behind": False,
}
ACTIVITY: Example = {
    "activity": [
        {
            "event": 512,
            "at": "2026-11-23T09:30:00+00:00",
            "kind": "review.recorded",
            "reviewer": "alice",
            "by": "alice",
            "said": "saved a review",
            "of": None,
            "dataset": "garden",
            "entry": 17,
            "import": None,
            "request_id": "3d0fb8ff607d1d6c",
        }
    ],
    "next": "kind=reviews&after=512",
}
PROBLEM: Example = {
    "type": "about:blank",
    "title": "This could not be read",
    "status": 422,
    "detail": "'yess' is no value of conflict. Did you mean yes? Valid are: yes, no.",
    "field": "conflict",
    "errors": [
        {
            "field": "conflict",
            "detail": "'yess' is no value of conflict. Did you mean yes? Valid are: yes, no.",
            "valid": ["yes", "no"],
        }
    ],
}
