"""What people ask of the server: forty lists, pairs here and there, and reviews."""

from collections.abc import Sequence
from random import Random

import orjson

from tests.bench.connections import Answer, Connection, Task

SLUG = "bench"
LISTS, LISTS_JSON = f"/datasets/{SLUG}/entries", f"/api/v1/datasets/{SLUG}/entries"
QUERIES = (
    "", "limit=100", "limit=20", "split=test", "split=train&subset=alpaca-7b", "subset=alpaca3-8b",
    "safety=both_unsafe", "safety=only_0_safe&safety=only_1_safe", "safety=only_1_safe&better=0", "conflict=yes",
    "conflict=yes&severity=3", "severity=2&severity=3&category=cybercrime", "category=drugs&category=violence",
    "category=cybercrime&conflict=yes&split=train", "category=animal-abuse", "relation=helpful_but_unsafe",
    "relation=severity_differs&severity_0=0", "relation=categories_differ&category=copyright-issues",
    "contradiction=safe_but_severe", "contradiction=unsafe_without_cause&contradiction=duplicate",
    "source=Alpaca2-7B&safety=both_safe", "prompt_source=Beavertails&severity=1", "better=0&safer=1",
    "status=unreviewed", "status=unreviewed&safety=both_unsafe&category=privacy-violation", "flag=no&severity_1=3",
    "sort=length", "sort=length&safety=both_safe", "sort=severity", "sort=severity&conflict=yes", "q=lantern",
    "q=lantern+kettle", "q=garden&safety=both_unsafe", "q=%22the+quiet%22", "q=prompt%3Agarden",
    "q=response%3Ahoney+-garden&severity=3", "q=wood*&sort=length", "q=barbel*", "q=%E5%8C%97%E4%BA%AC", "q=the",
)  # fmt: skip
COMMON_WORDS = ("visits", "sorts", "waters", "sweeps", "mends", "carries", "peels", "paints", "hangs", "finds")


def expect(answer: Answer, status: int = 200) -> Answer:
    if answer.status != status:
        raise RuntimeError(f"answered {answer.status} instead of {status}: {answer.body[:300]!r}")
    return answer


def read_json(connection: Connection, path: str) -> dict:
    return orjson.loads(expect(connection.get(path, compressed=False)).body)


def getting(path: str) -> Task:
    def get(connection: Connection) -> None:
        expect(connection.get(path))

    return get


def list_queries(connection: Connection) -> list[str]:
    """Every fourth list is opened further down than its first page."""
    queries = list(QUERIES)
    for place in range(3, len(queries), 4):
        further = read_json(connection, f"{LISTS_JSON}?{queries[place]}&limit=500")["next"]
        if further is not None:
            queries[place] += f"&after={further}"
    return queries


def entry_ids(connection: Connection) -> range:
    """Ids are dense, so the first one and the number say it all."""
    first = read_json(connection, f"{LISTS_JSON}?limit=1")
    return range(first["entries"][0]["id"], first["entries"][0]["id"] + first["total"])


def pair_tasks(random: Random, ids: range, count: int) -> list[Task]:
    """Half of them come from a list that is filtered."""
    queries = [query for query in QUERIES if "limit" not in query and "q=" not in query]
    chosen = zip(random.sample(ids, count), random.choices(["", *queries], k=count), strict=True)
    return [
        getting(f"/entries/{entry_id}?{query if number % 2 else ''}") for number, (entry_id, query) in enumerate(chosen)
    ]


def sign_in(connection: Connection, name: str) -> None:
    answer = expect(connection.post("/reviewers", [("name", name)]), 303)
    connection.cookie = answer.headers["set-cookie"].split(";")[0]


def review_form(random: Random) -> list[tuple[str, str]]:
    """Most labels are agreed with; one review in four disagrees once, one in ten has a comment."""
    form = [("revision", "0"), ("action", "agree_rest")]
    if random.random() < 0.25:
        form += [("verdict.response_0.is_safe", "disagree"), ("reason.response_0.is_safe", "it reads otherwise")]
    if random.random() < 0.1:
        form.append(("comment", "Worth a second look."))
    return form


def save_tasks(random: Random, ids: Sequence[int], *, then_next: bool) -> list[Task]:
    def saving(entry_id: int, form: list[tuple[str, str]]) -> Task:
        def save(connection: Connection) -> None:
            answer = expect(connection.post(f"/entries/{entry_id}/review?status=unreviewed", form), 303)
            if then_next:
                expect(connection.get(answer.headers["location"]))

        return save

    return [saving(entry_id, review_form(random)) for entry_id in ids]
