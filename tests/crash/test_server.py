"""kill -9 of the server while people review: what was answered with "saved" is there, once, after the next start."""

import time
from pathlib import Path
from random import Random

import pytest

from tests.bench.processes import Server, serving
from tests.crash.conftest import ROWS, assert_counts_are_right, assert_sound, read
from tests.crash.reviewers import Person

SERVE = ("app", "serve", "--port", 0)


def review_and_kill(data_dir: Path, people: list[Person], random: Random) -> None:
    """Kills the server a moment after some more reviews were acknowledged."""
    server = Server(*SERVE, data_dir=data_dir)
    enough = sum(person.acknowledged for person in people) + random.randint(1, 12)
    threads = [person.review_until_the_server_is_gone(server.port) for person in people]
    while sum(person.acknowledged for person in people) < enough and any(thread.is_alive() for thread in threads):
        time.sleep(0.0005)
    time.sleep(random.uniform(0, 0.01))
    server.kill()
    for thread in threads:
        thread.join()


def check_reviews_survive(data_dir: Path, seed: int, kills: int, reviews: int) -> None:
    random = Random(seed)
    people = [Person(name, Random(f"{seed} {name}"), list(range(1, ROWS + 1))) for name in ("alice", "bob", "carol")]
    done = unanswered = 0
    while done < kills or sum(person.acknowledged for person in people) < reviews:
        review_and_kill(data_dir, people, random)
        done += 1
        unanswered += sum(person.pending is not None for person in people)
        for person in people:
            person.assert_all_there(data_dir)
    acknowledged = sum(person.acknowledged for person in people)
    print(f"seed {seed}: {done} kills, {acknowledged} reviews acknowledged, {unanswered} cut off unanswered")
    events = read(data_dir, "SELECT count(*) FROM event WHERE kind LIKE 'review.%'")[0][0]
    assert acknowledged <= events <= acknowledged + len(people), "each save is one event, also when it was sent twice"
    with serving(*SERVE, data_dir=data_dir) as server:
        assert_counts_are_right(server, data_dir)
    assert_sound(data_dir)


def test_acknowledged_reviews_survive_kills_of_the_server(imported: Path) -> None:
    check_reviews_survive(imported, seed=1, kills=3, reviews=1)


@pytest.mark.crash
@pytest.mark.parametrize("seed", [11, 12])
def test_acknowledged_reviews_survive_many_kills(imported: Path, seed: int) -> None:
    check_reviews_survive(imported, seed, kills=40, reviews=200)
