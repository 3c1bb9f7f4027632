"""An event of an entry's reviews and adjudication in words: what it was, under which conditions, and what became of
what.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.models import Dataset, ReviewState, VerdictKind
from app.models.label_field import LABEL_FIELDS, LabelField, decode_value, fields_of
from app.reviewing.snapshot import REVEALED, UNDONE, Snapshot, whole
from app.terms.unit import Unit

_SAID = {
    REVEALED: "answered blind, then saw the stored labels",
    UNDONE: "took a change of the review back",
    "review.unskipped": "took the skip back",
    "comment.added": "commented",
    "comment.edited": "changed a comment",
    "comment.deleted": "deleted a comment",
    "comment.resolved": "resolved the discussion",
    "comment.reopened": "opened the discussion again",
    "adjudication.settled": "settled a disputed label",
    "adjudication.reopened": "reopened a settled label",
}


@dataclass(frozen=True)
class Told:
    """One thing that became another."""

    what: str
    was: str = ""  # empty where there was nothing
    now: str = ""
    reason: str = ""


class Teller:
    """Of one dataset's events."""

    def __init__(self, dataset: Dataset, guidelines: Mapping[int, int]) -> None:
        """`guidelines` are versions by id."""
        self._taxonomy, self._guidelines = dataset.taxonomy, guidelines
        self._fields = LABEL_FIELDS | {field.name: field for field in fields_of(dataset)}
        self._is_pair = dataset.unit == Unit.PAIR

    def said(self, kind: str, data: Mapping[str, Any]) -> str:
        if kind == "review.skipped":
            return "skipped the entry"
        if kind in ("review.recorded", "review.revised"):
            if whole(data["after"])["state"] != ReviewState.SUBMITTED:
                return "left a remark"
            return "changed the review" if whole(data["before"])["state"] == ReviewState.SUBMITTED else "reviewed"
        return _SAID.get(kind, kind)

    def conditions(self, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        if kind not in ("review.recorded", "review.revised", REVEALED) or data["after"] is None:
            return ()
        return tuple(self._conditions(data["after"]))

    def _conditions(self, after: Snapshot) -> Iterator[str]:
        """Of old events only what they mention."""
        yield "blind, then revealed" if after.get("first_answers") else "open"
        left = after.get("left_position")
        if left is not None and self._is_pair:
            yield f"{'shuffled: ' if after.get('shuffled') else ''}response {left} stood left"
        if version := self._guidelines.get(after.get("guideline_id") or 0):
            yield f"guideline version {version}"
        if (seconds := after.get("seconds")) is not None:
            yield f"{seconds:,} s active"

    def changes(self, kind: str, data: Mapping[str, Any]) -> tuple[Told, ...]:
        if kind.startswith("comment."):
            return (Told("Comment", data["before"] or "", data["after"] or ""),) if "comment" in data else ()
        if kind in ("review.skipped", "review.unskipped"):
            return tuple(_of_skip(data))
        if kind.startswith("adjudication."):
            return (self._of_adjudication(data),)
        return tuple(self._of_review(whole(data["before"]), whole(data["after"])))

    def label(self, field: str, was: str, now: str) -> Told:
        """A label that an import changed; values are canonical JSON."""
        return Told(self._title(field), self._words(field, was), self._words(field, now))

    def _of_adjudication(self, data: Mapping[str, Any]) -> Told:
        field, before, after = data["label_field"], data["before"], data["after"]
        was, now = (self._words(field, said["value"]) if said else "" for said in (before, after))
        reason = (after or {}).get("reason") or ""
        return Told(f"{self._title(field)}: adjudicated label", was, now, reason)

    def _of_review(self, before: Snapshot, after: Snapshot) -> Iterator[Told]:
        first = after["first_answers"] or {}
        if first != (before["first_answers"] or {}):
            for name, answer in first.items():
                yield Told(f"{self._title(name)}: first answer", now=self._words(name, answer))
        was, now = ({v["label_field"]: v for v in snapshot["verdicts"]} for snapshot in (before, after))
        for name in [*LABEL_FIELDS, *sorted((was.keys() | now.keys()) - LABEL_FIELDS.keys())]:
            if was.get(name) != now.get(name):
                reason = (now.get(name) or {}).get("reason") or ""
                yield Told(self._title(name), self._verdict(was.get(name)), self._verdict(now.get(name)), reason)
        if before["comment"] != after["comment"]:
            yield Told("Comment", before["comment"], after["comment"])
        if before["flag"] != after["flag"]:
            yield Told("Flag", *(snapshot["flag"].replace("_", " ") for snapshot in (before, after)))

    def _verdict(self, verdict: Mapping[str, Any] | None) -> str:
        if verdict is None:
            return ""
        name, stored = verdict["label_field"], self._words(verdict["label_field"], verdict["stored_value"])
        if verdict.get("corrected_value") is not None:
            return f"disagree: {self._words(name, verdict['corrected_value'])} instead of {stored}"
        return (
            f"unsure about {stored}" if verdict["verdict"] == VerdictKind.UNSURE else f"{verdict['verdict']}: {stored}"
        )

    def _title(self, field: str) -> str:
        return self._fields[field].full_title.rstrip("?") if field in self._fields else field

    def _words(self, field: str, value: str) -> str:
        known: LabelField | None = self._fields.get(field)
        return known.words(decode_value(value), self._taxonomy) if known else value


def _of_skip(data: Mapping[str, Any]) -> Iterator[Told]:
    before, after = ((data[when] or {}).get("reason") or "" for when in ("before", "after"))
    if before != after:
        yield Told("Reason", before, after)
