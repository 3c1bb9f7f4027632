"""How far sets of harm categories are apart."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from app.agreement.measures.tables import Counts


def jaccard_distances(sets: Sequence[AbstractSet[str]]) -> Counts:
    """Of each from each: 1 - |A and B| / |A or B| (Jaccard 1901); two empty sets are the same."""
    shared, sizes = _shared(sets)
    union = sizes[:, None] + sizes[None, :] - shared
    distances: Counts = np.where(union > 0, 1 - shared / np.maximum(union, 1), 0.0)
    return distances


def masi_distances(sets: Sequence[AbstractSet[str]]) -> Counts:
    """Jaccard times a monotonicity of 1, 2/3, 1/3 or 0 (Passonneau 2006, Measuring Agreement on Set-valued Items)."""
    shared, sizes = _shared(sets)
    is_part = shared == np.minimum(sizes[:, None], sizes[None, :])
    monotonicity = np.where(is_part, 2 / 3, np.where(shared > 0, 1 / 3, 0.0))
    distances: Counts = 1 - (1 - jaccard_distances(sets)) * monotonicity
    distances[is_part & (sizes[:, None] == sizes[None, :])] = 0.0
    return distances


def _shared(sets: Sequence[AbstractSet[str]]) -> tuple[Counts, Counts]:
    """How many members each has in common with each, and how many it has."""
    places = {member: place for place, member in enumerate(sorted(set().union(*sets)))}
    has = np.zeros((len(sets), len(places)))
    for row, members in enumerate(sets):
        has[row, [places[member] for member in members]] = 1
    shared: Counts = has @ has.T
    return shared, has.sum(1)
