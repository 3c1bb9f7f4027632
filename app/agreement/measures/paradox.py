"""A plain sentence where raw agreement and kappa tell different stories (Feinstein and Cicchetti 1990)."""

_MUCH, _LITTLE = 0.2, 0.4


def explain_paradox(agreement: float | None, kappa: float | None, commonest: float) -> str:
    """`commonest` is the share of the commonest value among all ratings; "" where there is nothing to explain."""
    if agreement is None or kappa is None or kappa >= _LITTLE or agreement - max(kappa, 0) < _MUCH or agreement < 0.6:
        return ""
    return (
        f"Raters agree on {agreement:.0%} of the entries, yet kappa is {kappa:.2f}: {commonest:.0%} of all ratings are "
        "one value, so most of that agreement is what chance alone would give. Look at AC1 and at the table beside it."
    )
