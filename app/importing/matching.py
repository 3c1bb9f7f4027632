"""Which entry of the dataset a row of the source is, if any.

Identity: the n-th row with some texts in a split is the n-th entry with them there. Among several such entries a row
is first taken for one with its own labels, so that repeated annotations are not mistaken for changed ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from app.importing.batches import ReadRow
from app.importing.facts import Existing
from app.importing.sources import SourceFile


@dataclass
class Matched:
    known: list[tuple[ReadRow, Existing]] = field(default_factory=list)
    fresh: list[tuple[ReadRow, int]] = field(default_factory=list)  # with its occurrence


def match_rows(
    rows: Sequence[ReadRow], existing: Sequence[Existing], files: Sequence[SourceFile], seen: BitMap
) -> Matched:
    """`seen` holds the entries that this import has met; those matched here are added to it."""
    if not existing:  # as in nearly every batch of a first import
        return Matched(fresh=list(_numbered(rows, {})))
    by_key: dict[bytes, list[Existing]] = defaultdict(list)
    for entry in existing:
        by_key[entry.content_key].append(entry)
    found: dict[int, Existing] = {}
    for choose in (_same_labels, _same_subset, _any):
        for place, row in enumerate(rows):
            if place in found or row.content_key not in by_key:
                continue
            file = files[row.file]
            unmet = [e for e in by_key[row.content_key] if e.id not in seen and e.split == file.split]
            match = next((entry for entry in unmet if choose(entry, row, file)), None)
            if match is not None:
                seen.add(match.id)
                found[place] = match
    next_occurrence = {key: 1 + max(entry.occurrence for entry in entries) for key, entries in by_key.items()}
    known = [(rows[place], entry) for place, entry in sorted(found.items())]
    rest = [row for place, row in enumerate(rows) if place not in found]
    return Matched(known, list(_numbered(rest, next_occurrence)))


def _numbered(rows: Sequence[ReadRow], occurrences: dict[bytes, int]) -> Iterator[tuple[ReadRow, int]]:
    for row in rows:
        occurrence = occurrences.get(row.content_key, 0)
        occurrences[row.content_key] = occurrence + 1
        yield row, occurrence


def _same_labels(entry: Existing, row: ReadRow, file: SourceFile) -> bool:
    return entry.facts.labels == row.labels and entry.facts.subset == file.subset


def _same_subset(entry: Existing, _row: ReadRow, file: SourceFile) -> bool:
    return entry.facts.subset == file.subset


def _any(_entry: Existing, _row: ReadRow, _file: SourceFile) -> bool:
    return True
