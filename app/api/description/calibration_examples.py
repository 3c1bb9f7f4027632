"""A calibration, about plants: what the description shows, and the tests hold against the schema."""

from app.api.description.examples import Example

CALIBRATION: Example = {
    "reviewer": "alice",
    "dataset": None,
    "session": None,
    "pace": {
        "method": "reviewing-pace",
        "n": 40,
        "median": 21.5,
        "interval": [18.0, 26.0],
        "lower_quartile": 14.0,
        "upper_quartile": 33.25,
        "not_measured": 2,
    },
    "with_others": {
        "safer_response_id": {
            "method": "with-others",
            "count": 17,
            "n": 20,
            "share": 0.85,
            "interval": [0.639584, 0.947643],
            "entries": 20,
            "all_reviewers": {
                "method": "with-others",
                "count": 48,
                "n": 60,
                "share": 0.8,
                "interval": [0.682229, 0.881745],
            },
            "kappa": {"method": "cohen-kappa", "value": 0.698492, "n": 20, "why_undefined": None},
            "table": {"values": [0, 1], "counts": [[8, 2], [1, 9]]},
        }
    },
    "with_adjudications": {
        "safer_response_id": {
            "method": "with-settled",
            "count": 3,
            "n": 4,
            "share": 0.75,
            "interval": [0.300642, 0.954414],
        }
    },
    "left_side": {
        "safer_response_id": {
            "method": "position-bias",
            "count": 9,
            "n": 18,
            "share": 0.5,
            "interval": [0.290342, 0.709658],
            "ties": 1,
            "no_answer": 1,
            "contains_one_half": True,
        }
    },
    "after_reveal": {
        "safer_response_id": {
            "method": "reveal-effect",
            "count": 1,
            "n": 4,
            "share": 0.25,
            "interval": [0.045586, 0.699358],
            "kept": 3,
            "other": 0,
            "unsure": 0,
        }
    },
    "repeats": {
        "safer_response_id": {
            "method": "repeats",
            "count": 4,
            "n": 5,
            "share": 0.8,
            "interval": [0.375535, 0.963776],
            "unsure": 0,
        }
    },
    "weeks": [
        {
            "week": "2026-W48",
            "begins": "2026-11-23",
            "method": "weeks",
            "count": 130,
            "n": 150,
            "share": 0.866667,
            "interval": [0.803003, 0.912076],
            "unsure": 3,
        }
    ],
}
