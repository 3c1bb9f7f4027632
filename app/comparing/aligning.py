"""Which sentence of one text stands beside which of another: in order, and so that they are as alike as can be."""

from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import Indel

LEAST_ALIKE = 0.5  # share of words in common: what is less alike says something else
_MOST_COMPARED = 1_000_000  # pairs of sentences at once: a tenth of a second


def align(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places; what is in none has nothing like it beside it."""
    if len(left) * len(right) <= _MOST_COMPARED:
        return _best_pairs(left, right)
    i, j = len(left) // 2, len(right) // 2
    return align(left[:i], right[:j]) + [(i + a, j + b) for a, b in align(left[i:], right[j:])]


def _best_pairs(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Those with the most words in common, found in Needleman and Wunsch's way with nothing to pay for a gap."""
    import numpy as np
    from rapidfuzz.process import cdist

    alike = cdist(left, right, scorer=Indel.normalized_similarity, score_cutoff=LEAST_ALIKE)
    shared = alike * np.add.outer([len(one) for one in left], [len(one) for one in right])
    best = np.zeros((len(left) + 1, len(right) + 1), np.float32)
    for i, row in enumerate(shared):
        np.maximum(best[i, 1:], best[i, :-1] + row, out=best[i + 1, 1:])
        np.maximum.accumulate(best[i + 1], out=best[i + 1])
    return _walk_back(best)


def _walk_back(best: Any) -> list[tuple[int, int]]:
    pairs, (i, j) = [], best.shape
    i, j = i - 1, j - 1
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]
