"""The result: one line for each thing measured, what it was allowed, and whether it kept to it."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    what: str
    ours: float
    unit: str
    floor: float | None = None
    budget: float | None = None  # missing it fails the run
    aim: float | None = None  # where a later version wants to be
    ratio: float | None = None  # of ours to the floor, when the budget is for that
    note: str = ""
    at_least: bool = False  # the budget is a lower bound

    @property
    def is_over(self) -> bool:
        if self.budget is None:
            return False
        return self._judged < self.budget if self.at_least else self._judged > self.budget

    @property
    def misses_aim(self) -> bool:
        return self.aim is not None and self._judged > self.aim

    @property
    def _judged(self) -> float:
        return self.ours if self.ratio is None else self.ratio

    def cells(self) -> list[str]:
        ratio = self.ratio if self.ratio is not None else self.ours / self.floor if self.floor else None
        unit = "x" if self.ratio is not None else self.unit
        missed = "under" if self.at_least else "over"
        verdict = "" if self.budget is None else missed if self.is_over else "ok"
        return [
            self.what,
            _said(self.ours, self.unit),
            _said(self.floor, self.unit),
            _said(ratio, "x"),
            _said(self.budget, unit),
            _said(self.aim, unit) + (" (not yet)" if self.misses_aim else ""),
            verdict,
            self.note,
        ]


def _said(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".replace(" x", "x")


HEADINGS = ["what", "ours", "floor", "ratio", "budget", "aim", "", ""]


def print_table(lines: list[Line]) -> None:
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        what, *cells, note = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join([what.strip().ljust(widths[0]), *cells, note.strip()]).rstrip() + "\n")
