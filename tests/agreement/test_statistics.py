"""Against statsmodels, an implementation that is not ours."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from app.agreement.measures.intervals import wilson_interval


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (516, 552), (83_000, 83_400)])
def test_wilson_interval_equals_statsmodels(successes: int, n: int, confidence: float) -> None:
    ours = wilson_interval(successes, n, confidence)
    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    assert ours.low == pytest.approx(low, abs=1e-12)
    assert ours.high == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_proportion_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no proportion"):
        wilson_interval(successes, n)
