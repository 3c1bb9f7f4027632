"""People who review while the server is killed under them, and remember what they were told is saved."""

import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.connections import Connection
from tests.bench.scenarios import expect, sign_in
from tests.crash.conftest import read

FIELDS = [f"response_{i}.{name}" for i in (0, 1) for name in ("is_safe", "harm_categories", "severity_level")]
FIELDS += ["better_response_id", "safer_response_id"]


@dataclass(frozen=True)
class Said:
    """One filled-in form."""

    entry_id: int
    revision: int  # that it makes, when it is saved
    verdicts: tuple[tuple[str, str, str | None], ...]  # label field, verdict, reason
    comment: str
    flagged: bool
    key: str = field(compare=False, default="")  # sent twice under it, it is saved once

    def form(self) -> list[tuple[str, str]]:
        fields = [("revision", str(self.revision - 1)), ("comment", self.comment), ("key", self.key)]
        fields += [("flag", "other")] * self.flagged
        for name, verdict, reason in self.verdicts:
            fields += [(f"verdict.{name}", verdict), (f"reason.{name}", reason or "")]
        return fields


@dataclass
class Person:
    name: str
    random: Random
    entries: list[int]
    saved: dict[int, Said] = field(default_factory=dict)  # by entry, what was acknowledged last
    pending: Said | None = None  # sent, and never answered
    acknowledged: int = 0

    def review_until_the_server_is_gone(self, port: int) -> threading.Thread:
        thread = threading.Thread(target=self._review, args=(port,))
        thread.start()
        return thread

    def _review(self, port: int) -> None:
        with suppress(OSError), closing(Connection(port)) as connection:
            sign_in(connection, self.name)
            while True:
                self.pending = self.pending or self._fill_in()  # first once more what nobody answered
                expect(connection.post(f"/entries/{self.pending.entry_id}/review", self.pending.form()), 303)
                self.saved[self.pending.entry_id], self.pending = self.pending, None
                self.acknowledged += 1

    def _fill_in(self) -> Said:
        """A first review, or one time in four a change of an earlier one."""
        again = self.saved and self.random.random() < 0.25
        entry_id = self.random.choice(list(self.saved)) if again else self.random.choice(self.entries)
        earlier = self.saved.get(entry_id)
        return Said(
            entry_id=entry_id,
            revision=earlier.revision + 1 if earlier else 1,
            verdicts=tuple(sorted(map(self._judge, self.random.sample(FIELDS, self.random.randint(1, 8))))),
            comment=f"Remark {self.random.getrandbits(60)}",
            flagged=self.random.random() < 0.3,
            key=f"{self.random.getrandbits(60)}",
        )

    def _judge(self, name: str) -> tuple[str, str, str | None]:
        verdicts = ["agree", "unsure", "disagree"] if name.endswith("is_safe") else ["agree", "unsure"]
        verdict = self.random.choice(verdicts)
        return name, verdict, None if verdict == "agree" else f"Reason {self.random.getrandbits(60)}"

    def assert_all_there(self, data_dir: Path) -> None:
        """Every acknowledged review exactly as it was sent, once; the unanswered one wholly or not at all."""
        found = find_reviews(data_dir, self.name)
        pending = self.pending
        for entry_id, said in self.saved.items():
            allowed = [said, pending] if pending and pending.entry_id == entry_id else [said]
            assert found.pop(entry_id, None) in allowed, f"{self.name}, entry {entry_id}"
        assert all(said == pending for said in found.values()), f"{self.name} has a review that was never sent"


def find_reviews(data_dir: Path, name: str) -> dict[int, Said]:
    mine = f"review JOIN reviewer ON reviewer.id = review.reviewer_id WHERE reviewer.name = '{name}'"
    reviews = read(data_dir, f"SELECT review.id, entry_id, revision FROM {mine} AND state = 'submitted'")
    assert len(reviews) == len({entry_id for _, entry_id, _ in reviews}), "an entry is reviewed twice"
    of = f"reviewer_id = (SELECT id FROM reviewer WHERE name = '{name}')"
    comments = read(data_dir, f"SELECT entry_id, body FROM comment WHERE {of}")
    assert len(comments) == len(dict(comments)), "a comment is there twice"
    flags = [entry_id for (entry_id,) in read(data_dir, f"SELECT entry_id FROM flag WHERE {of}")]
    assert len(flags) == len(set(flags)), "a flag is there twice"
    verdicts: dict[int, list[tuple[str, str, str | None]]] = {review_id: [] for review_id, _, _ in reviews}
    for review_id, *verdict in read(data_dir, "SELECT review_id, label_field, verdict, reason FROM verdict"):
        if review_id in verdicts:
            verdicts[review_id].append(tuple(verdict))
    return {
        entry_id: Said(
            entry_id, revision, tuple(sorted(verdicts[review_id])), dict(comments).get(entry_id, ""), entry_id in flags
        )
        for review_id, entry_id, revision in reviews
    }
