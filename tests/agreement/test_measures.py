import random
import warnings

import krippendorff
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as reference_fleiss
from statsmodels.stats.proportion import proportion_confint

from app.agreement.measures.bootstrap import bootstrap_intervals
from app.agreement.measures.changes import mcnemar
from app.agreement.measures.intervals import clopper_pearson_interval
from app.agreement.measures.many_raters import (
    alpha_of,
    between_values,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from app.agreement.measures.paradox import explain_paradox
from app.agreement.measures.sets import jaccard_distances, masi_distances
from app.agreement.measures.tables import contingency, pair_values
from app.agreement.measures.two_raters import cohen_kappa, gwet_ac1_of, weighted_kappa

CLOSE = {"rel": 1e-9, "abs": 1e-9}
# Krippendorff 2011, section C: four observers, twelve units, some missing.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Fleiss 1971, table 1: thirty patients, six raters, five diagnoses.
DIAGNOSES = [
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0), (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6), (1, 0, 0, 5, 0), (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1), (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0), (1, 0, 2, 0, 3), (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1), (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
]  # fmt: skip


def units(raters) -> list[tuple]:
    return list(zip(*raters, strict=True))


def random_ratings(generator, raters=3, missing=0.2, size=60):
    return [
        [None if generator.random() < missing else generator.choice([0, 0, 1, 2, 3]) for _ in range(raters)]
        for _ in range(size)
    ]


def test_published_tables_come_out():
    by_unit = units(OBSERVERS)
    assert krippendorff_alpha(by_unit).value == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(by_unit, "ordinal").value == pytest.approx(0.815, abs=5e-4)
    spelled = [[value for value, times in enumerate(row) for _ in range(times)] for row in DIAGNOSES]
    assert fleiss_kappa(spelled).value == pytest.approx(0.430, abs=5e-4)


def test_paradox_is_told():
    table = np.array([[130.0, 56.0], [9.0, 5.0]])
    kappa = cohen_kappa(table).value
    assert np.trace(table) / table.sum() == pytest.approx(0.675)
    assert kappa == pytest.approx(0.022, abs=5e-4)
    assert gwet_ac1_of(table).value == pytest.approx(0.533, abs=5e-4)
    assert "kappa is 0.02" in explain_paradox(0.675, kappa, 0.8125)
    assert explain_paradox(0.9, 0.8, 0.5) == ""


def test_cohen_is_scikit_learns():
    generator = random.Random(1)
    for _ in range(50):
        pairs = [(generator.randint(0, 3), generator.choice([0, 1, 1, 2, 3])) for _ in range(80)]
        one, other = zip(*pairs, strict=True)
        table = contingency(pairs, [0, 1, 2, 3])
        assert cohen_kappa(table).value == pytest.approx(cohen_kappa_score(one, other), **CLOSE)
        labels = [0, 1, 2, 3]
        reference = cohen_kappa_score(one, other, weights="quadratic", labels=labels)
        assert weighted_kappa(table).value == pytest.approx(reference, **CLOSE)


def test_fleiss_is_statsmodels():
    generator = random.Random(2)
    for _ in range(20):
        ratings = random_ratings(generator, missing=0)
        table, _ = aggregate_raters(np.array(ratings))
        assert fleiss_kappa(ratings).value == pytest.approx(reference_fleiss(table), **CLOSE)


def test_alpha_is_that_of_the_krippendorff_package():
    generator = random.Random(3)
    for _ in range(30):
        ratings = random_ratings(generator, raters=generator.randint(2, 5), missing=0.3)
        data = np.array([[np.nan if v is None else v for v in rater] for rater in zip(*ratings, strict=True)])
        for level in ("nominal", "ordinal"):
            reference = krippendorff.alpha(reliability_data=data, level_of_measurement=level)
            assert krippendorff_alpha(ratings, level).value == pytest.approx(reference, **CLOSE)


def gwet_by_hand(ratings, values, weight):
    """Straight from the definition, pair by pair."""
    paired = [[v for v in row if v is not None] for row in ratings if sum(v is not None for v in row) >= 2]
    agree = np.mean(
        [np.mean([weight(a, b) for i, a in enumerate(row) for j, b in enumerate(row) if i != j]) for row in paired]
    )
    rated = [[v for v in row if v is not None] for row in ratings if any(v is not None for v in row)]
    shares = [np.mean([row.count(value) / len(row) for row in rated]) for value in values]
    total = sum(weight(a, b) for a in values for b in values)
    chance = total / (len(values) * (len(values) - 1)) * sum(share * (1 - share) for share in shares)
    return (agree - chance) / (1 - chance)


def test_gwet_follows_its_definition():
    generator, values = random.Random(4), [0, 1, 2, 3]
    for _ in range(20):
        ratings = random_ratings(generator, raters=4, missing=0.3)
        exact = gwet_by_hand(ratings, values, lambda a, b: float(a == b))
        near = gwet_by_hand(ratings, values, lambda a, b: 1 - (a - b) ** 2 / 9)
        assert gwet_ac1(ratings, values).value == pytest.approx(exact, **CLOSE)
        assert gwet_ac2(ratings, values).value == pytest.approx(near, **CLOSE)


def test_two_raters_or_many_give_the_same_ac1():
    pairs = [(0, 0)] * 130 + [(0, 1)] * 56 + [(1, 0)] * 9 + [(1, 1)] * 5
    expected = gwet_ac1_of(contingency(pairs, [0, 1])).value
    assert gwet_ac1(pairs, [0, 1]).value == pytest.approx(expected, **CLOSE)


def test_sets_are_as_far_apart_as_published():
    one, other, part, apart, none = (frozenset(letters) for letters in ("ab", "bc", "a", "d", ""))
    jaccard, masi = (of([one, other, part, apart, none]) for of in (jaccard_distances, masi_distances))
    assert jaccard[0, 1] == pytest.approx(2 / 3)
    assert masi[0, 1] == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi[2, 0] == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi[2, 3] == masi[4, 0] == jaccard[4, 0] == 1
    assert np.diag(jaccard).tolist() == np.diag(masi).tolist() == [0] * 5
    alpha = krippendorff_alpha([(one, one), (other, other), (one, other)], masi_distances)
    assert 0 < alpha.value < 1


@pytest.mark.parametrize("measure", [percent_agreement, fleiss_kappa, krippendorff_alpha])
def test_what_is_undefined_is_said_in_words(measure):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert measure([]).why_undefined == measure([(1, None)]).why_undefined == "No entry has two ratings."
        same = measure([(1, 1), (1, 1)])
        assert same.value == 1 if measure is percent_agreement else "the same value" in same.why_undefined
    assert cohen_kappa(np.zeros((2, 2))).value is None
    assert "the same value" in cohen_kappa(np.array([[5.0, 0], [0, 0]])).why_undefined
    assert "same number" in fleiss_kappa([(1, 2, 1), (1, 1, None)]).why_undefined


def test_intervals_and_tests_are_those_of_the_libraries():
    for successes, n in [(0, 10), (3, 40), (39, 40), (40, 40)]:
        expected = proportion_confint(successes, n, method="beta")
        found = clopper_pearson_interval(successes, n)
        assert (found.low, found.high) == pytest.approx(expected, **CLOSE)
    assert mcnemar(3, 12) == pytest.approx(2 * stats.binom.cdf(3, 15, 0.5), **CLOSE)
    assert mcnemar(0, 0) is None


def test_bootstrap_covers_and_repeats_itself():
    generator = random.Random(5)
    ratings = [(value, value if generator.random() < 0.8 else generator.randint(0, 2)) for value in [0, 1, 2] * 40]
    pairs = pair_values(ratings, [0, 1, 2])

    def alpha(weights):
        return alpha_of(pairs, between_values([0, 1, 2], "nominal"), "", weights).value

    def interval_by(prompts):
        return bootstrap_intervals(np.array(prompts), rows, [alpha], seed=1, draws=400)[0]

    rows = np.arange(len(ratings))
    interval, left_out = interval_by(rows)
    assert interval.low < krippendorff_alpha(ratings).value < interval.high
    assert left_out == 0
    assert interval_by(rows)[0] == interval
    assert interval_by([place // 20 for place in rows])[0] != interval
    assert bootstrap_intervals(np.array([0, 0]), np.arange(2), [lambda _: 1.0], seed=1) == [(None, 0)]
    assert bootstrap_intervals(np.arange(2), np.arange(2), [lambda _: None], seed=1, draws=10) == [(None, 10)]
