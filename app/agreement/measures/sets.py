"""How far two sets of harm categories are apart."""

from collections.abc import Set as AbstractSet


def jaccard_distance(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """1 - |A and B| / |A or B| (Jaccard 1901); two empty sets are the same."""
    union = len(one | other)
    return 1 - len(one & other) / union if union else 0.0


def masi_distance(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Jaccard times a monotonicity of 1, 2/3, 1/3 or 0 (Passonneau 2006, Measuring Agreement on Set-valued Items)."""
    if one == other:
        return 0.0
    shared = one & other
    is_part = one <= other or other <= one
    monotonicity = 2 / 3 if is_part else 1 / 3 if shared else 0.0
    return 1 - (1 - jaccard_distance(one, other)) * monotonicity
