"""Agreement of two raters, from the table of what the one and the other said."""

import numpy as np

from app.agreement.measures.measure import NO_PAIRS, ONE_VALUE, Measure, undefined
from app.agreement.measures.tables import Counts, quadratic


def cohen_kappa(table: Counts) -> Measure:
    """(p_o - p_e) / (1 - p_e), p_e from both raters' own margins (Cohen 1960, Educ. Psychol. Meas. 20, 37-46)."""
    return _corrected("Cohen’s kappa", "cohen-kappa", table, np.eye(len(table)), _of_margins(table))


def weighted_kappa(table: Counts, weights: Counts | None = None) -> Measure:
    """For ordered values, quadratic unless other weights of agreement are given (Cohen 1968, Psychol. Bull. 70)."""
    weights = quadratic(len(table)) if weights is None else weights
    return _corrected("Quadratic-weighted kappa", "weighted-kappa", table, weights, _of_margins(table))


def gwet_ac1_of(table: Counts) -> Measure:
    """p_e = sum of q(1 - q) / (k - 1), q the mean margins (Gwet 2008, Br. J. Math. Stat. Psychol. 61, 29-48)."""
    n = table.sum()
    if not n:
        return undefined("Gwet’s AC1", "gwet-ac1", 0, NO_PAIRS)
    share = (table.sum(0) + table.sum(1)) / (2 * n)
    by_chance = float((share * (1 - share)).sum() / max(len(table) - 1, 1))
    observed = float(np.trace(table) / n)
    return Measure("Gwet’s AC1", "gwet-ac1", (observed - by_chance) / (1 - by_chance), int(n))


def _of_margins(table: Counts) -> Counts:
    n = max(table.sum(), 1)
    expected: Counts = np.outer(table.sum(1), table.sum(0)) / n**2
    return expected


def _corrected(name: str, method: str, table: Counts, weights: Counts, expected: Counts) -> Measure:
    n = int(table.sum())
    if not n:
        return undefined(name, method, 0, NO_PAIRS)
    observed, by_chance = float((weights * table).sum() / n), float((weights * expected).sum())
    if np.isclose(by_chance, 1, atol=1e-12):
        return undefined(name, method, n, ONE_VALUE)
    return Measure(name, method, (observed - by_chance) / (1 - by_chance), n)
