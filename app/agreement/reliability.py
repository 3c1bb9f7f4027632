"""How far reviewers agree among themselves, and how far with the stored label: every coefficient of one label field."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from app.agreement.measures.bootstrap import bootstrap_intervals
from app.agreement.measures.many_raters import (
    ac1_of,
    ac2_of,
    alpha_of,
    between_values,
    fleiss_of,
    percent_of,
)
from app.agreement.measures.measure import Measure
from app.agreement.measures.paradox import explain_paradox
from app.agreement.measures.sets import jaccard_distances, masi_distances
from app.agreement.measures.tables import Counts, Pairs, Places, count_values, pair_values, values_of
from app.agreement.measures.two_raters import cohen_kappa, weighted_kappa
from app.models.label_field import LabelKind

Row = tuple[Hashable | None, ...]
Coefficient = Callable[[Counts], Measure]  # from how often each row counts


@dataclass(frozen=True)
class Rated:
    """What was rated, each with its prompt; what was rated alike shares a row."""

    rows: tuple[Row, ...]
    row_of: Places
    prompt_of: Places
    is_table: bool  # each row is what the same two said, in their order

    @cached_property
    def times(self) -> Counts:
        counts: Counts = np.bincount(self.row_of, minlength=len(self.rows)).astype(np.float64)
        return counts

    def simplified(self, simpler: Callable[[Row], Row]) -> "Rated":
        """With rows of fewer values, of which more are alike."""
        rows: dict[Row, int] = {}
        row_of = np.array([rows.setdefault(simpler(row), len(rows)) for row in self.rows], np.int64)
        return Rated(tuple(rows), row_of[self.row_of], self.prompt_of, self.is_table)

    def table(self, values: Sequence[Hashable]) -> Counts:
        """What the one and the other of two said, where both did."""
        return _table_of(self.rows, values)(self.times)


def collect(given: Iterable[tuple[Row, bytes]], *, is_table: bool) -> Rated:
    """Of rows with a hash of their prompt. The order of values in a row counts only in a table of two."""
    rows: dict[Row, int] = {}
    prompts: dict[bytes, int] = {}
    row_of, prompt_of = [], []
    for row, prompt in given:
        own = row if is_table else tuple(sorted(row, key=repr))
        row_of.append(rows.setdefault(own, len(rows)))
        prompt_of.append(prompts.setdefault(prompt, len(prompts)))
    return Rated(tuple(rows), np.array(row_of, np.int64), np.array(prompt_of, np.int64), is_table)


@dataclass(frozen=True)
class Reliability:
    measures: tuple[Measure, ...]
    paradox: str  # a sentence where raw agreement and kappa tell different stories
    commonest: float | None  # the share of the commonest value among all ratings
    values: tuple[Any, ...]  # of the table's rows and columns
    table: tuple[tuple[int, ...], ...] | None  # what two said; None where there are more

    @property
    def agreement(self) -> Measure:
        return self.measures[0]

    def find(self, method: str) -> Measure | None:
        return next((measure for measure in self.measures if measure.method == method), None)

    @property
    def headline(self) -> Measure:
        """The one that prevalence does not spoil, and of sets alpha."""
        return self.find("gwet-ac1") or self.measures[-1]

    @property
    def kappa(self) -> Measure | None:
        """Cohen's of two, Fleiss' of more."""
        return self.find("cohen-kappa") or self.find("fleiss-kappa")


def reliability(kind: LabelKind, possible: Sequence[Any], rated: Rated) -> Reliability:
    """`possible` are the values that the label may have; of sets of categories it is empty."""
    times, values = rated.times, _known(possible, rated)
    measures = tuple(coefficient(times) for coefficient in _coefficients(kind, values, rated))
    given: Counter[Hashable] = Counter()
    for row, count in zip(rated.rows, times, strict=True):
        for value in row:
            if value is not None:
                given[value] += int(count)
    commonest = max(given.values()) / given.total() if given else None
    kappa = next(
        (m.value for m in measures if m.method in ("cohen-kappa", "fleiss-kappa") and m.value is not None), None
    )
    table = None
    if rated.is_table and kind is not LabelKind.CATEGORIES:
        table = tuple(tuple(map(int, row)) for row in rated.table(values))
    return Reliability(
        measures, explain_paradox(measures[0].value, kappa, commonest or 0.0), commonest, tuple(values), table
    )


def with_intervals(
    found: Reliability, kind: LabelKind, possible: Sequence[Any], rated: Rated, seed: int
) -> Reliability:
    """By bootstrap over prompts: takes as long as a thousand times the measures alone."""
    coefficients = _coefficients(kind, _known(possible, rated), rated)
    statistics = [partial(_value_of, coefficient) for coefficient in coefficients]
    intervals = bootstrap_intervals(rated.prompt_of, rated.row_of, statistics, seed)
    measures = [
        measure if measure.value is None else replace(measure, interval=interval)
        for measure, (interval, _) in zip(found.measures, intervals, strict=True)
    ]
    return replace(found, measures=tuple(measures))


def _value_of(coefficient: Coefficient, weights: Counts) -> float | None:
    return coefficient(weights).value


def _known(possible: Sequence[Any], rated: Rated) -> list[Any]:
    """Also what a label may no longer be."""
    return [*possible, *(value for value in values_of(rated.rows) if value not in possible)]


def _coefficients(kind: LabelKind, values: Sequence[Any], rated: Rated) -> list[Coefficient]:
    pairs = pair_values(rated.rows, values)
    if kind is LabelKind.CATEGORIES:
        distances = (("Alpha, Jaccard", jaccard_distances), ("Alpha, MASI", masi_distances))
        alphas = [_alpha(pairs, values, distance, name) for name, distance in distances]
        return [partial(percent_of, pairs), *alphas]
    counts = count_values(rated.rows, values)
    found: list[Coefficient] = [partial(percent_of, pairs)]
    table = _table_of(rated.rows, values) if rated.is_table else None
    if table is not None:
        found.append(_of_table(cohen_kappa, table))
    else:
        found.append(partial(fleiss_of, counts))
    found += [_alpha(pairs, values, "nominal", "Krippendorff’s alpha"), partial(ac1_of, counts)]
    if kind is LabelKind.SEVERITY:
        if table is not None:
            found.append(_of_table(weighted_kappa, table))
        found += [_alpha(pairs, values, "ordinal", "Alpha, ordinal"), partial(ac2_of, counts)]
    return found


def _alpha(pairs: Pairs, values: Sequence[Any], distance: Any, name: str) -> Coefficient:
    between = between_values(values, distance)
    return lambda weights: alpha_of(pairs, between, name, weights)


def _of_table(measure: Callable[[Counts], Measure], table: Callable[[Counts], Counts]) -> Coefficient:
    return lambda weights: measure(table(weights))


def _table_of(rows: Sequence[Row], values: Sequence[Hashable]) -> Callable[[Counts], Counts]:
    places, size = {value: place for place, value in enumerate(values)}, len(values)
    cells = [(at, places[row[0]] * size + places[row[1]]) for at, row in enumerate(rows) if None not in row]
    rows_of = np.array([at for at, _ in cells], dtype=np.int64)
    cell_of = np.array([cell for _, cell in cells], dtype=np.int64)

    def table(weights: Counts) -> Counts:
        counts: Counts = np.bincount(cell_of, weights[rows_of], minlength=size * size).astype(np.float64)
        return counts.reshape(size, size)

    return table
