"""Every total, facet count and order of a list against plain SQL, and the texts against plain loops (plain_sql.py)."""

import math
import os
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.terms.flag_kind import FlagKind
from tests.browsing.plain_sql import FACETS, Answer, PlainSql, Question, Term
from tests.browsing.reviewed_corpus import ROWS, SLUG

TRIALS, SEED = int(os.environ.get("EXACT_TRIALS", "200")), 20261123
SEEDS = (1, 2, 4_000_000_000)
SORTS = ("position", "length", "severity", "reviewed_at", "random", "relevance")
MOST_PAGES, MOST_ENTRIES = 4, 500
Filtered = dict[str, list[str]]
ODD_WORDS = ("café", "cafe", "CRÈME", "½", "北京", "饺", "とう", "кухня", "δάφνη", "simmer", "180", "no-such-word")


@dataclass(frozen=True)
class Door:
    """The list as the API answers it, beside what it must be."""

    client: TestClient
    truth: PlainSql

    def get(self, *parameters: tuple[str, Any]) -> dict[str, Any]:
        response = self.client.get(f"/api/v1/datasets/{SLUG}/entries", params=list(parameters))
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page

    def walk(self, question: Question, limit: int) -> list[int]:
        """The entries of all pages of the list."""
        asked = [*question.parameters, ("limit", limit)]
        page = self.get(*asked)
        ids = ids_of(page)
        while page["next"]:
            page = self.get(*asked, ("after", page["next"]))
            assert page["first_place"] == len(ids) + 1
            ids += ids_of(page)
        return ids


def ids_of(page: dict[str, Any]) -> list[int]:
    return [entry["id"] for entry in page["entries"]]


@pytest.fixture(scope="module")
def door(reviewed_corpus_file: Path) -> Iterator[Door]:
    truth = PlainSql(reviewed_corpus_file, SLUG)
    settings = Settings(data_dir=reviewed_corpus_file.parent, _env_file=None)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield Door(client, truth)
    truth.close()


@pytest.fixture(scope="module")
def shuffled(door: Door) -> dict[int, list[int]]:
    """Every entry in the random order of each seed, withdrawn ones too."""
    everything = {"withdrawn": ["yes", "no"]}
    questions = {seed: Question(everything, sort="random", seed=seed) for seed in SEEDS}
    return {seed: door.walk(question, MOST_ENTRIES) for seed, question in questions.items()}


class Asker:
    """Asks at random, mostly about what some entry has, so that lists are seldom empty."""

    def __init__(self, truth: PlainSql) -> None:
        self.random, self.truth, self.values = random.Random(SEED), truth, truth.values()

    def question(self) -> Question:
        one, sort = self.random.choice, self.random.choice(SORTS)
        entry_id = self.random.randint(1, ROWS)
        chosen, excluded = self.filters(entry_id)
        least, most = sorted(int(self.random.triangular(0, 4500, 800)) for _ in range(2))
        terms = (self.term(entry_id) for _ in range(one([0, 0, 1, 1, 2, 3])))
        return Question(
            chosen,
            excluded,
            all_categories=self.random.random() < 0.4,
            terms=tuple(dict.fromkeys(terms)),
            least=one([None, None, None, None, least]),
            most=one([None, None, None, None, most]),
            sort=sort,
            seed=one(SEEDS) if sort == "random" else None,
        )

    def filters(self, entry_id: int) -> tuple[Filtered, Filtered]:
        chosen, excluded, own = {}, {}, self.truth.values_of(entry_id)
        for name in self.random.sample(sorted(self.values), self.random.choice([0, 1, 1, 2, 2, 3, 4])):
            values, has = self.values[name], own.get(name, ())
            if self.random.random() < 0.7:
                some = self.random.sample(values, self.random.randint(1, max(1, len(values) // 2)))
                chosen[name] = list(dict.fromkeys([*has, *some])) if self.random.random() < 0.8 else some
            if name not in chosen or self.random.random() < 0.2:
                others = [value for value in values if value not in has]
                excluded[name] = self.random.sample(others, min(len(others), self.random.randint(1, 2)))
        return chosen, excluded

    def term(self, entry_id: int) -> Term:
        """A word of the entry, the beginning of one, or some words in a row; or one from elsewhere, or not wanted."""
        without, column = self.random.random() < 0.25, self.random.choice([0, 1, 2])
        words = self.truth.words_of(self.random.randint(1, ROWS) if without else entry_id)[column]
        start, kind = self.random.randrange(len(words)), self.random.random()
        typed = " ".join(words[start : start + self.random.choice([1, 1, 1, 2, 3])])
        if kind < 0.1:
            typed = self.random.choice(ODD_WORDS)
        prefix = kind > 0.8
        if prefix and " " not in typed:
            typed = typed[: self.random.randint(1, 4)]
        where = self.random.choice(["", "", "prompt" if column == 0 else "response"])
        return Term(typed, where, without, prefix)


def expected(truth: PlainSql, question: Question, shuffled: dict[int, list[int]]) -> Answer:
    answer = truth.answer(question)
    if question.seed is None:
        return answer
    listed = set(answer.ids)
    return replace(answer, ids=[entry_id for entry_id in shuffled[question.seed] if entry_id in listed])


def test_every_total_count_and_order_is_exact(door: Door, shuffled: dict[int, list[int]]) -> None:
    asker, known = Asker(door.truth), values_of(door.get())
    ((present,),) = door.truth.rows("SELECT count(*) FROM pair WHERE NOT withdrawn")
    empty = 0
    for trial in range(TRIALS):
        question = asker.question()
        answer = expected(door.truth, question, shuffled)
        first = door.get(*question.parameters, ("limit", 1))
        among = ROWS if "withdrawn" in {*question.chosen, *question.excluded} else present
        assert (first["total"], first["of"]) == (len(answer.ids), among), question
        assert values_of(first) == known, question
        assert without_zeros(first) == answer.facets, question
        limit = asker.random.randint(5, 60)
        if trial % 3 == 0:
            limit = min(max(limit, len(answer.ids) // MOST_PAGES + 1), MOST_ENTRIES)
            assert door.walk(question, limit) == answer.ids, question
        else:
            jump_about(door, question, answer.ids, limit, asker.random)
        empty += not answer.ids
    assert empty < TRIALS / 4


def jump_about(door: Door, question: Question, ids: list[int], limit: int, rng: random.Random) -> None:
    """To some page, to the last one, to one behind it, and to the one that has some entry."""
    last, place = -(-len(ids) // limit), rng.randrange(max(len(ids), 1))
    jumps = {("page", number): number for number in (rng.randint(1, last or 1), last or 1, last + 1)}
    if ids:
        jumps["entry", ids[place]] = place // limit + 1
    for jump, number in jumps.items():
        page = door.get(*question.parameters, ("limit", limit), jump)
        assert ids_of(page) == ids[(number - 1) * limit : number * limit], (question, jump)


def values_of(page: dict[str, Any]) -> dict[str, list[str]]:
    """Without kinds of flags, which are shown where there are some."""
    return {facet: [v for v in counts if v not in set(FlagKind)] for facet, counts in page["facets"].items()}


def without_zeros(page: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {facet: {v: n for v, n in counts.items() if n} for facet, counts in page["facets"].items()}


def test_every_value_of_every_facet_occurs(door: Door) -> None:
    """So that the random questions are about something."""
    page = door.get(("withdrawn", "yes"), ("withdrawn", "no"))
    assert set(page["facets"]) == set(FACETS)
    missing = {(name, value) for name, counts in page["facets"].items() for value, n in counts.items() if not n}
    assert missing == {("status", "adjudicated")}  # disputes cannot be settled yet
    assert page["total"] == 5000


def test_random_order_is_a_permutation_of_its_seed(door: Door, shuffled: dict[int, list[int]]) -> None:
    everything = [entry_id for (entry_id,) in door.truth.rows("SELECT id FROM pair ORDER BY id")]
    assert len({tuple(order) for order in shuffled.values()}) == len(SEEDS)
    for seed, order in shuffled.items():
        assert sorted(order) == everything
        assert door.walk(Question({"withdrawn": ["yes", "no"]}, sort="random", seed=seed), 499) == order


def test_random_order_looks_random(shuffled: dict[int, list[int]]) -> None:
    """Of n places drawn at random, each figure has a known mean and deviation; six of these is beyond chance."""
    for order in shuffled.values():
        n = len(order)
        place = {entry_id: at for at, entry_id in enumerate(sorted(order))}
        places = [place[entry_id] for entry_id in order]
        rises = sum(b > a for a, b in pairwise(places))
        assert abs(rises - (n - 1) / 2) < 6 * math.sqrt((n + 1) / 12)
        assert abs(statistics.correlation(places, range(n))) < 6 / math.sqrt(n - 1)
        neighbours = statistics.correlation(places[:-1], places[1:])
        assert abs(neighbours) < 6 / math.sqrt(n - 1)
        halves = sum(one < n / 2 for one in places[: n // 2])  # of the first half, those in the first half
        assert abs(halves - n / 4) < 6 * math.sqrt(n / 16)
    one, other = ([order.index(entry_id) for entry_id in range(1, ROWS, 7)] for order in list(shuffled.values())[:2])
    assert abs(statistics.correlation(one, other)) < 6 / math.sqrt(len(one) - 1)
