"""Totals, facet counts and order against plain loops over the raw rows of the sample: no SQL, no bitmap, no FTS5."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.resources import SAMPLE
from tests.factories import CATEGORIES

Row = dict[str, Any]
SEED, TRIALS = 20261123, 150


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


@pytest.fixture
def ask(sample: None, client: TestClient) -> Callable[[list[tuple[str, str]]], dict[str, Any]]:
    def get(query: list[tuple[str, str]]) -> dict[str, Any]:
        response = client.get("/api/v1/datasets/sample/entries", params=query)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    return get


def random_query(rng: random.Random, facets: dict[str, list[str]]) -> list[tuple[str, str]]:
    names = rng.sample(sorted(facets), rng.randint(0, 4))
    return [(name, value) for name in names for value in rng.sample(facets[name], min(len(facets[name]), 2))]


def test_every_count_is_exact(ask: Callable[[list[tuple[str, str]]], dict[str, Any]]) -> None:
    rows, rng = with_relations(raw_rows()), random.Random(SEED)
    known = {*VALUES, "category", "relation"}
    facets = {name: list(values) for name, values in ask([])["facets"].items() if name in known}
    common = ["the", "tea", "garden", "and", "a", "never", "choir"]
    for _ in range(TRIALS):
        query, word = random_query(rng, facets), rng.choice([None, *common])
        match, least, most = rng.choice(["any", "all"]), *sorted(rng.choices([0, 150, 250, 333, 900, 5000], k=2))
        bounds = [("min_length", str(least)), ("max_length", str(most))]
        further = [*([("q", word)] if word else []), ("category_match", match), *bounds]
        answer = ask([*query, *further, ("limit", "500")])
        chosen = {name: {value for other, value in query if other == name} for name, _ in query}
        base = [row for row in rows if (word is None or mentions(row, word)) and least <= length(row) <= most]
        narrows = {"category": all} if match == "all" else {}

        def passes(
            row: Row, but: str | None = None, chosen: dict[str, set[str]] = chosen, narrows: dict[str, Any] = narrows
        ) -> bool:
            return all(
                narrows.get(n, any)(matches(row, n, v) for v in values)
                for n, values in chosen.items()
                if n != but or n in narrows
            )

        places = [place for place, row in enumerate(rows, start=1) if row in base and passes(row)]
        assert answer["total"] == len(places), (query, word)
        assert [entry["id"] for entry in answer["entries"]] == places, (query, word)
        for name, counts in answer["facets"].items():
            if name in facets:
                within = [row for row in base if passes(row, but=name)]
                expected = {value: sum(matches(row, name, value) for row in within) for value in facets[name]}
                assert counts == expected, (query, word, name)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("length", lambda row: -length(row)),
        ("severity", lambda row: -max(severities(row))),
    ],
)
def test_sorts_are_exact_over_all_pages(
    ask: Callable[[list[tuple[str, str]]], dict[str, Any]], sort: str, key: Callable[[Row], int]
) -> None:
    rows = raw_rows()
    expected = sorted(
        (place for place, row in enumerate(rows, start=1) if row["is_response_0_safe"]),
        key=lambda place: (key(rows[place - 1]), place),
    )
    query = [("safety", "both_safe"), ("safety", "only_0_safe"), ("sort", sort), ("limit", "17")]
    seen: list[int] = []
    page = ask(query)
    while page["next"] is not None:
        seen += [entry["id"] for entry in page["entries"]]
        page = ask([*query, ("after", str(page["next"]))])
    assert seen + [entry["id"] for entry in page["entries"]] == expected


def test_contradictions_of_the_sample(ask: Callable[[list[tuple[str, str]]], dict[str, Any]]) -> None:
    assert ask([])["facets"]["contradiction"] == {
        "safe_but_severe": 3,
        "unsafe_without_cause": 3,
        "safer_is_less_safe": 6,
        "same_texts": 3,
        "duplicate": 14,
        "duplicate_labels_differ": 6,
        "hash_mismatch": 4,
        "train_and_test": 6,
    }
    assert ask([("contradiction", "same_texts")])["entries"][0]["notes"] == ["same texts"]
    assert ask([("relation", "helpful_but_unsafe")])["total"] == 12
