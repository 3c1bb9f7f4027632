"""Against R's survey package, statsmodels and SciPy, and against all samples that a small population can give."""

import json
from itertools import combinations
from math import isfinite
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from scipy.optimize import brentq
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from app.agreement.estimation import METHODS, Observed, Population, estimate_by_stratum, estimate_error_rate
from app.agreement.estimation.intervals import Beta, effective_size, variance
from app.agreement.estimation.tally import tally_strata

BY_R = json.loads((Path(__file__).parent / "references" / "error_rates.json").read_text())["cases"]
HUGE = 10**15  # as good as without end


def entries(stratum: str, n: int, wrong: int) -> list[Observed]:
    return [Observed(stratum, None, 0.01, place < wrong) for place in range(n)]


@pytest.mark.parametrize("case", BY_R, ids=[case["name"] for case in BY_R])
def test_rate_design_effect_and_limits_equal_those_of_r(case: dict[str, Any]) -> None:
    named = case["cluster"] or [None] * len(case["error"])
    chance = {
        name: len({mine for mine, other in zip(named, case["stratum"], strict=True) if other == name}) / size
        for name, size in (case["clusters"] or {}).items()
    }
    drawn = [
        Observed(name, cluster, chance.get(name, case["stratum"].count(name) / case["sizes"][name]), bool(error))
        for name, cluster, error in zip(case["stratum"], named, case["error"], strict=True)
    ]
    ours = estimate_error_rate(drawn, Population(case["sizes"], case["clusters"]))
    assert ours.rate == pytest.approx(case["rate"], abs=1e-9)
    assert ours.design_effect == pytest.approx(case["design_effect"], abs=1e-9)
    if case["limits"]:
        assert [ours.low, ours.high] == pytest.approx(case["limits"], abs=1e-9)


@pytest.mark.parametrize(("wrong", "n"), [(1, 20), (17, 400), (200, 400)])
def test_the_two_halves_of_the_limits_of_a_simple_sample_are_those_of_clopper_and_pearson(wrong: int, n: int) -> None:
    seen, more = (list(tally_strata(entries("a", n, x), Population({"a": HUGE})).values()) for x in (wrong, wrong + 1))
    low, high = proportion_confint(wrong, n, method="beta")
    size = effective_size(seen, 0.95)
    assert size == pytest.approx(n, abs=1e-6)
    assert Beta(wrong / n * size, (1 - wrong / n) * size + 1).quantile(0.025) == pytest.approx(low, abs=1e-9)
    one_more = seen[0].with_one_more_error()
    assert one_more.rate == pytest.approx(more[0].rate)
    assert variance([one_more]) == pytest.approx(variance(more))
    assert Beta((wrong + 1) / n * size, (1 - (wrong + 1) / n) * size + 1).quantile(0.975) == pytest.approx(
        high, abs=1e-9
    )


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("wrong", "n"), [(0, 100), (1, 20), (17, 400), (300, 400), (30, 30)])
def test_limits_of_a_simple_sample_are_the_mid_p_ones_of_the_binomial(wrong: int, n: int, confidence: float) -> None:
    def too_many(rate: float) -> float:
        return float(binom.sf(wrong, n, rate) + binom.pmf(wrong, n, rate) / 2)

    tail = (1 - confidence) / 2
    low = 0.0 if wrong == 0 else brentq(lambda rate: too_many(rate) - tail, 0, 1, xtol=1e-15)
    high = 1.0 if wrong == n else brentq(lambda rate: too_many(rate) - 1 + tail, 0, 1, xtol=1e-15)
    ours = estimate_error_rate(entries("a", n, wrong), Population({"a": HUGE}), confidence)
    assert [ours.low, ours.high] == pytest.approx([low, high], abs=1e-9)
    assert ours.rate == wrong / n


def test_over_all_samples_of_a_stratified_population_rate_and_variance_are_unbiased() -> None:
    wrong = {"a": [1, 1, 0, 0, 0, 0, 0], "b": [1, 1, 1, 0, 0]}
    population = Population({"a": 7, "b": 5})
    rates, variances = [], []
    for first in combinations(wrong["a"], 3):
        for second in combinations(wrong["b"], 2):
            drawn = [Observed("a", None, 3 / 7, bool(x)) for x in first]
            drawn += [Observed("b", None, 2 / 5, bool(x)) for x in second]
            rates.append(estimate_error_rate(drawn, population).rate or 0.0)
            variances.append(variance(list(tally_strata(drawn, population).values())))
    assert mean(rates) == pytest.approx(5 / 12, abs=1e-12)
    assert mean(variances) == pytest.approx(mean((rate - 5 / 12) ** 2 for rate in rates), abs=1e-12)


def test_over_all_samples_of_equal_clusters_rate_and_variance_are_unbiased() -> None:
    clusters = {"p": (1, 1), "q": (1, 0), "r": (0, 0), "s": (0, 0), "t": (0, 1), "u": (0, 0)}
    population = Population({"all": 12}, {"all": 6})
    rates, variances = [], []
    for names in combinations(clusters, 3):
        drawn = [Observed("all", name, 0.5, bool(x)) for name in names for x in clusters[name]]
        rates.append(estimate_error_rate(drawn, population).rate or 0.0)
        variances.append(variance(list(tally_strata(drawn, population).values())))
    assert mean(rates) == pytest.approx(4 / 12, abs=1e-12)
    assert mean(variances) == pytest.approx(mean((rate - 4 / 12) ** 2 for rate in rates), abs=1e-12)


def test_a_stratum_counts_as_in_the_population_however_much_of_it_answered() -> None:
    population = Population({"common": 9_000, "rare": 1_000})
    drawn = [*entries("common", 100, 10), *entries("rare", 50, 25), *[Observed("common", None, 0.01, None)] * 40]
    ours = estimate_error_rate(drawn, population)
    assert ours.rate == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    assert ours.count == pytest.approx(1_400)
    assert (ours.n, ours.population, ours.method) == (150, 10_000, "error-rate-stratified")
    strata = estimate_by_stratum(drawn, population)
    assert [strata["common"].rate, strata["rare"].rate] == [0.1, 0.5]
    assert strata["rare"].population == 1_000
    assert {each.method for each in strata.values()} == {"error-rate-simple"} < set(METHODS)


def test_what_reviewers_partly_disagree_with_counts_in_part() -> None:
    drawn = [Observed("a", None, 0.1, error) for error in (0.5, 1.0, 0.0, False, True, None)]
    assert estimate_error_rate(drawn, Population({"a": 60})).rate == 0.5


def test_entries_that_all_divide_their_reviewers_alike_leave_less_open_but_not_nothing() -> None:
    divided = estimate_error_rate([Observed("a", None, 0.3, 0.3)] * 40, Population({"a": 10_000}))
    single = estimate_error_rate(entries("a", 40, 12), Population({"a": 10_000}))
    assert divided.rate == pytest.approx(0.3)
    assert (single.low or 0) < (divided.low or 0) < 0.25 < 0.35 < (divided.high or 1) < (single.high or 1)


def test_no_error_seen_leaves_an_upper_limit_that_the_least_looked_at_stratum_sets() -> None:
    even = estimate_error_rate(entries("a", 300, 0), Population({"a": 80_000}))
    uneven = estimate_error_rate([*entries("a", 50, 0), *entries("b", 250, 0)], Population({"a": 76_000, "b": 4_000}))
    assert (even.rate, even.low, uneven.rate, uneven.low) == (0.0, 0.0, 0.0, 0.0)
    assert even.high == pytest.approx(1 - 0.05 ** (1 / 300), rel=0.01)
    assert uneven.high is not None
    assert uneven.high == pytest.approx(1 - 0.05 ** (1 / 50), rel=0.1)
    assert even.design_effect is None


def test_limits_of_right_and_of_wrong_mirror_each_other() -> None:
    population = Population({"a": 5_000, "b": 700})
    wrong = estimate_error_rate([*entries("a", 60, 2), *entries("b", 30, 9)], population)
    right = estimate_error_rate([*entries("a", 60, 58), *entries("b", 30, 21)], population)
    assert wrong.low is not None
    assert wrong.high is not None
    assert [right.low, right.high] == pytest.approx([1 - wrong.high, 1 - wrong.low])


def test_looked_at_as_a_whole_nothing_is_left_open() -> None:
    ours = estimate_error_rate([Observed("a", None, 1.0, place < 3) for place in range(20)], Population({"a": 20}))
    assert (ours.rate, ours.low, ours.high, ours.count_low, ours.count_high) == (0.15, 0.15, 0.15, 3, 3)
    nearly = estimate_error_rate([Observed("a", None, 1.0, place < 3) for place in range(19)], Population({"a": 20}))
    assert nearly.count_low is not None
    assert nearly.count_high is not None
    assert nearly.count_low >= 3
    assert nearly.count_high <= 4


def test_where_all_seen_is_wrong_and_the_rest_is_known_only_fewer_can_be_wrong() -> None:
    drawn = [*entries("a", 1, 1), *entries("b", 90, 0)]
    ours = estimate_error_rate(drawn, Population({"a": 10, "b": 90}))
    assert (ours.rate, ours.high, ours.count_high) == pytest.approx((0.1, 0.1, 10))
    assert ours.count_low is not None
    assert 1 <= ours.count_low < 9


def test_clusters_drawn_only_in_part_leave_more_open_than_whole_ones() -> None:
    def drawn(chance: float) -> list[Observed]:
        return [Observed("all", str(place), chance, place < 4) for place in range(40)]

    whole = estimate_error_rate(drawn(0.5), Population({"all": 80}, {"all": 80}))
    part = estimate_error_rate(drawn(0.1), Population({"all": 400}, {"all": 80}))
    assert whole.method == part.method == "error-rate-clustered"
    assert None not in (whole.high, part.high)
    assert (whole.high or 0) < (part.high or 0)


def test_what_cannot_be_said_is_said_in_words() -> None:
    population = Population({"a": 900, "b": 100})
    nobody = estimate_error_rate([Observed("a", None, 0.1, None)], population)
    assert (nobody.rate, nobody.low, nobody.high, nobody.count, nobody.n) == (None, None, None, None, 0)
    assert nobody.why_undefined == "Nothing drawn has an answer yet."
    half = estimate_error_rate(entries("a", 30, 2), population)
    assert half.rate is None
    assert half.why_undefined.startswith("No answer yet from the stratum b, 100 of 1,000 entries: too many")
    assert estimate_by_stratum(entries("a", 30, 2), population)["b"].why_undefined == nobody.why_undefined
    assert estimate_error_rate([], Population({})).why_undefined == "The population is empty."


def test_small_strata_without_an_answer_are_taken_to_be_like_the_rest_and_that_is_said() -> None:
    strata = {"a": 960, **{f"tiny {place}": 10 for place in range(4)}}
    ours = estimate_error_rate(entries("a", 30, 3), Population(strata))
    assert (ours.rate, ours.count, ours.population) == (0.1, 100, 1_000)
    assert ours.notes == (
        "No answer from the strata tiny 0, tiny 1, tiny 2 and 1 more, 40 of 1,000 entries: taken to be like the rest.",
    )


def test_a_single_answer_of_a_stratum_is_enough_and_that_is_said() -> None:
    ours = estimate_error_rate([*entries("a", 30, 3), *entries("b", 1, 0)], Population({"a": 900, "b": 100}))
    assert ours.rate == pytest.approx(0.09)
    assert ours.notes == (
        "A single answer from the stratum b: its variance is taken from its distance to the overall rate.",
    )


def test_every_small_sample_gives_finite_limits_around_its_rate() -> None:
    population = Population({"a": 40, "b": 6})
    for n_a, n_b in [(1, 1), (2, 1), (3, 3), (3, 6), (40, 1)]:
        for wrong_a in range(min(n_a, 3) + 1):
            for wrong_b in range(n_b + 1):
                ours = estimate_error_rate([*entries("a", n_a, wrong_a), *entries("b", n_b, wrong_b)], population)
                assert ours.rate is not None
                assert ours.low is not None
                assert ours.high is not None
                assert isfinite(ours.low + ours.high)
                assert 0 <= ours.low <= ours.rate <= ours.high <= 1


def test_what_was_not_drawn_from_the_population_is_refused() -> None:
    with pytest.raises(ValueError, match="the population has nothing"):
        estimate_error_rate(entries("b", 2, 1), Population({"a": 10}))
    with pytest.raises(ValueError, match="probability"):
        estimate_by_stratum([Observed("a", None, 0.0, True)], Population({"a": 10}))
