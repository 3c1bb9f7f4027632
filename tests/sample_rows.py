"""The raw rows of the sample, and by plain loops what they have: no SQL, no bitmap, no FTS5."""

import json
import re
from collections.abc import Callable
from typing import Any

from app.resources import SAMPLE
from tests.factories import CATEGORIES

Row = dict[str, Any]


def raw_rows() -> list[Row]:
    """In the order in which the sample's README lists its files."""
    found = []
    for split in ("train", "test"):
        for model in ("Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B"):
            lines = (SAMPLE / "data" / model / f"{split}.jsonl").read_text("utf-8").splitlines()
            found += [{**json.loads(line), "split": split, "subset": model.lower()} for line in lines]
    return found


def safety(row: Row) -> str:
    safe = (row["is_response_0_safe"], row["is_response_1_safe"])
    return {(True, True): "both_safe", (True, False): "only_0_safe", (False, True): "only_1_safe"}.get(
        safe, "both_unsafe"
    )


def severities(row: Row) -> list[int]:
    return [row[f"response_{i}_severity_level"] for i in (0, 1)]


def has_category(row: Row, code: str) -> bool:
    name = next(name for name in CATEGORIES if name.lower().replace(" ", "-") == code)
    return any(row[f"response_{i}_harm_category"][name] for i in (0, 1))


VALUES: dict[str, Callable[[Row], object]] = {
    "safety": safety,
    "severity": lambda row: str(max(severities(row))),
    "severity_0": lambda row: str(severities(row)[0]),
    "severity_1": lambda row: str(severities(row)[1]),
    "better": lambda row: str(row["better_response_id"]),
    "safer": lambda row: str(row["safer_response_id"]),
    "conflict": lambda row: "no" if row["better_response_id"] == row["safer_response_id"] else "yes",
    "split": lambda row: row["split"],
    "subset": lambda row: row["subset"],
    "source": lambda row: row["response_0_source"],
    "prompt_source": lambda row: row["prompt_source"],
}


def with_relations(rows: list[Row]) -> list[Row]:
    """Each row with what it has in common with the others, and between its responses."""
    for row in rows:
        same = [other for other in rows if other["prompt"] == row["prompt"]]
        row["relations"] = {
            "prompt_repeated": len(same) > 1,
            "prompt_in_several_splits": len({other["split"] for other in same}) > 1,
            "severity_differs": len(set(severities(row))) > 1,
            "categories_differ": row["response_0_harm_category"] != row["response_1_harm_category"],
            "helpful_but_unsafe": safety(row) == f"only_{1 - row['better_response_id']}_safe",
        }
    return rows


def length(row: Row) -> int:
    return sum(len(row[name]) for name in ("prompt", "response_0", "response_1"))


def matches(row: Row, name: str, value: str) -> bool:
    if name == "relation":
        return bool(row["relations"][value])
    return has_category(row, value) if name == "category" else VALUES[name](row) == value


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def mentions(row: Row, word: str) -> bool:
    return any(word in words(row[name]) for name in ("prompt", "response_0", "response_1"))
