"""Whether errors go one way."""


def mcnemar(one_way: int, other_way: int) -> float | None:
    """Exact two-sided p that a change is as likely the one way as the other (McNemar 1947); None without changes."""
    from scipy.stats import binomtest

    n = one_way + other_way
    return float(binomtest(one_way, n, 0.5).pvalue) if n else None
