"""Browser tabs in which people review the same few entries at once, and write down what they were told."""

import gzip
import html
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from tests.bench.connections import Answer, Connection
from tests.bench.scenarios import expect, sign_in
from tests.crash.reviewers import FIELDS

JSON = "application/json"
Fields = list[tuple[str, str]]
_WEIGHTS = {
    "review": 50, "save_what_is_stale": 6, "draft": 12, "skip": 8, "undo": 10, "comment": 6, "send_twice": 5, "look": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A form that was answered with "saved"."""

    what: str  # review, skip
    entry_id: int
    decision: int
    revision: int
    key: str
    form: Fields = field(hash=False)


@dataclass
class Person:
    """With one tab, or with two that know nothing of each other."""

    name: str
    is_blind: bool
    told: list[Told] = field(default_factory=list)
    revealed: dict[int, Fields] = field(default_factory=dict)  # the answers, by entry
    said: list[str] = field(default_factory=list)  # comments, each unlike all others
    undone: int = 0
    drafts: dict[int, int | None] = field(default_factory=dict)  # sequence by entry; None: saved since


@dataclass
class Tab:
    person: Person
    random: Random
    entries: range
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unanswered: Told | None = None  # sent, and the server was gone: it is sent again
    cut_off: str = ""  # why it ended before its time

    def work(self, port: int, until: float) -> threading.Thread:
        thread = threading.Thread(target=self._work, args=(port, until))
        thread.start()
        return thread

    def _work(self, port: int, until: float) -> None:
        """Until the time is over or the server gone."""
        self.cut_off = ""
        try:
            with closing(Connection(port)) as connection:
                sign_in(connection, self.person.name)
                if self.person.is_blind:
                    expect(connection.post("/settings/mode", [("mode", "blind")]), 303)
                while time.monotonic() < until:
                    self._act(connection)
        except ConnectionError as error:
            self.cut_off = repr(error)
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self.wrong.append(f"{self.person.name}: {error!r}")

    def _act(self, connection: Connection) -> None:
        if self.unanswered:
            return self._send_again(connection, self.unanswered)
        kind = self.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if kind == "undo":
            self._undo(connection)
        elif kind == "send_twice":
            self._send_twice(connection)
        else:
            act: Callable[[Connection, int], None] = getattr(self, f"_{kind}")
            act(connection, self.random.choice(self.entries))
        self.done[kind] += 1
        return None

    # ---- what people do

    def _look(self, connection: Connection, entry_id: int) -> None:
        expect(connection.get(f"/entries/{entry_id}"))

    def _review(self, connection: Connection, entry_id: int) -> None:
        page = read_form(expect(connection.get(f"/entries/{entry_id}", compressed=False)))
        if page["stage"] == "blind":
            self._reveal(connection, entry_id, page)
            return
        form = self._fill_in(page)
        self._post(connection, "review", entry_id, form)

    def _reveal(self, connection: Connection, entry_id: int, page: dict[str, str]) -> None:
        answers = [("answer.left.is_safe", self.random.choice(["true", "false"])), ("answer.better", "tie")]
        form = [*page.items(), ("action", "cannot_judge_rest"), *answers]
        self.person.drafts.pop(entry_id, None)  # until it is answered nobody knows
        answer = connection.post(f"/entries/{entry_id}/review", form, accept=JSON)
        if self._is_fine(answer, {200, 409}) and answer.status == 200:
            self.person.revealed.setdefault(entry_id, form)
            self.person.drafts[entry_id] = None

    def _fill_in(self, page: dict[str, str]) -> Fields:
        form = [*page.items(), ("comment", f"Remark {self.random.getrandbits(60)}")]
        if self.random.random() < 0.3:
            form.append(("flag", self.random.choice(["other", "duplicate"])))
        names = self.random.sample(FIELDS, self.random.randint(1, 8))
        if page["stage"] == "open":
            form += [(f"verdict.{name}", self.random.choice(["agree", "unsure"])) for name in names]
            return [*form, ("action", "save")]
        return [*form, ("action", "rest")]

    def _save_what_is_stale(self, connection: Connection, entry_id: int) -> None:
        """As from a tab that was left open: both versions are shown, and nothing is lost."""
        page = read_form(expect(connection.get(f"/entries/{entry_id}", compressed=False)))
        if page["stage"] == "blind" or page["revision"] == "0":
            return
        form = self._fill_in({**page, "revision": str(int(page["revision"]) - 1)})
        answer = connection.post(f"/entries/{entry_id}/review", form)
        if self._is_fine(answer, {409}):
            text = answer_text(answer)
            if "Saved there" not in text or dict(form)["comment"] not in text:
                self.wrong.append(f"{self.person.name}: a stale save did not show both versions")

    def _draft(self, connection: Connection, entry_id: int) -> None:
        page = read_form(expect(connection.get(f"/entries/{entry_id}", compressed=False)))
        sequence = time.time_ns() // 1000
        form = [*page.items(), ("comment", f"Unfinished {sequence}"), ("sequence", str(sequence))]
        self.person.drafts.pop(entry_id, None)
        if self._is_fine(connection.put(f"/entries/{entry_id}/draft", form), {204}):
            self.person.drafts[entry_id] = sequence

    def _skip(self, connection: Connection, entry_id: int) -> None:
        self._post(connection, "skip", entry_id, [("key", f"{self.random.getrandbits(60)}"), ("skip_reason", "Later.")])

    def _undo(self, connection: Connection) -> None:
        drafts, self.person.drafts = self.person.drafts, {}
        answer = connection.post("/undo", [], accept=JSON)
        self.person.drafts = drafts
        if self._is_fine(answer, {200, 404, 409}) and answer.status == 200:
            self.person.undone += 1
            # With a save it takes the draft back to nothing, with a skip it leaves it.
            self.person.drafts.pop(orjson.loads(answer.body)["entry"], None)

    def _comment(self, connection: Connection, entry_id: int) -> None:
        body = f"Said {self.random.getrandbits(60)}"
        answer = connection.post(f"/entries/{entry_id}/comments", [("body", body)])
        if self._is_fine(answer, {303, 403}) and answer.status == 303:
            self.person.said.append(body)

    def _send_twice(self, connection: Connection) -> None:
        if told := self.person.told[-1:]:
            self._send_again(connection, told[0])

    # ---- how it is sent, and what is remembered

    def _post(self, connection: Connection, what: str, entry_id: int, form: Fields) -> None:
        self.unanswered = Told(what, entry_id, 0, 0, dict(form)["key"], form)
        self._send_again(connection, self.unanswered)

    def _send_again(self, connection: Connection, sent: Told) -> None:
        drafted = self.person.drafts.pop(sent.entry_id, None)
        answer = connection.post(f"/entries/{sent.entry_id}/{sent.what}", sent.form, accept=JSON)
        self.unanswered = None
        if drafted:  # a save takes it away, see below
            self.person.drafts[sent.entry_id] = drafted
        if not self._is_fine(answer, {200, 409}):
            return
        if answer.status == 409:
            self.done["refused as stale"] += 1
            return
        said: dict[str, Any] = orjson.loads(answer.body)
        if sent.decision and said["decision"] != sent.decision:
            self.wrong.append(f"{self.person.name}: sent twice, it became two decisions")
        if sent.decision == 0 and said["decision"]:
            told = Told(sent.what, sent.entry_id, said["decision"], said["revision"], sent.key, sent.form)
            self.person.told.append(told)
            if sent.what == "review":
                self.person.drafts[sent.entry_id] = None

    def _is_fine(self, answer: Answer, expected: set[int]) -> bool:
        if answer.status not in expected:
            self.wrong.append(f"{self.person.name}: answered {answer.status}: {answer.body[:200]!r}")
        return answer.status in expected


_HIDDEN = re.compile(r'<input type="hidden" name="(revision|key|stage)" value="([^"]*)"')


def read_form(answer: Answer) -> dict[str, str]:
    """The review's hidden fields, as a browser would send them."""
    page = answer.body.decode()
    return dict(_HIDDEN.findall(page[page.index('id="review"') :]))


def answer_text(answer: Answer) -> str:
    body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
    return html.unescape(body.decode())
