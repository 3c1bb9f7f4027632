import math
import random

import pytest
from scipy import stats

from app.errors import InvalidInput
from app.sampling.acceptance import (
    SequentialPlan,
    beavertails_plan,
    curve,
    double_plan,
    from_json,
    limiting_quality_plan,
)
from app.sampling.allocation import Allocation, allocate
from app.sampling.sizes import half_width, sample_size

ALL = 83_400


def test_sizes_are_those_of_the_textbook():
    assert sample_size(0.02, 0.0616, ALL) == 552
    assert sample_size(0.05, 0.5, ALL) == 383
    assert half_width(552, 0.0616, ALL) <= 0.02 < half_width(551, 0.0616, ALL)
    assert sample_size(0.0001, 0.5, 30) == 30
    assert half_width(30, 0.5, 30) == 0


@pytest.mark.parametrize(
    ("half", "rate", "confidence"), [(0, 0.5, 0.95), (0.1, 0, 0.95), (0.1, 1, 0.95), (0.1, 0.5, 1)]
)
def test_what_is_no_share_is_refused(half, rate, confidence):
    with pytest.raises(InvalidInput):
        sample_size(half, rate, ALL, confidence)


def test_lot_tolerance_plans_are_those_of_the_tables():
    plans = [limiting_quality_plan(ALL, 0.05, allowed) for allowed in (0, 1, 3, 5, 10)]
    assert [plan.n for plan in plans] == [59, 93, 153, 208, 336]
    for plan in plans:
        assert plan.probability_of_acceptance(0.05) <= 0.05
        assert stats.hypergeom.cdf(plan.allowed, ALL, ALL * 5 // 100, plan.n - 1) > 0.05


def test_small_lot_needs_fewer():
    assert limiting_quality_plan(100, 0.05, 0).n == 45
    with pytest.raises(InvalidInput):
        limiting_quality_plan(10, 0.05, 3)


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.05, 0.08])
def test_double_plan_accepts_as_often_as_it_says(rate):
    plan, generator, accepted = double_plan(2_000, 0.08, 3), random.Random(7), 0
    lot = [True] * round(rate * 2_000) + [False] * (2_000 - round(rate * 2_000))
    for _ in range(3_000):
        drawn = generator.sample(lot, plan.n)
        decision = plan.decide(sum(drawn[: plan.first_n]), plan.first_n)
        accepted += (plan.decide(sum(drawn), plan.n) if decision == "continue" else decision) == "accept"
    expected = plan.probability_of_acceptance(rate)
    assert abs(accepted / 3_000 - expected) < 4 * math.sqrt(expected * (1 - expected) / 3_000) + 1e-3


def test_sequential_plan_holds_its_risks():
    plan = SequentialPlan(0.02, 0.08)
    assert plan.probability_of_acceptance(0.02) == pytest.approx(0.95)
    assert plan.probability_of_acceptance(0.08) == pytest.approx(0.05)
    assert [plan.decide(0, 10), plan.decide(0, 100), plan.decide(9, 60)] == ["continue", "accept", "reject"]
    heights = [height for _, height in curve(plan, 0.3)]
    assert heights[0] == 1
    assert heights == sorted(heights, reverse=True)


def test_beavertails_rule_takes_a_tenth_and_nine_of_ten():
    plan = beavertails_plan(1_000)
    assert (plan.n, plan.allowed) == (100, 10)
    assert [plan.decide(10, 100), plan.decide(11, 40), plan.decide(3, 40)] == ["accept", "reject", "continue"]


def test_plans_come_back_from_what_is_stored():
    for plan in (beavertails_plan(500), double_plan(500, 0.1, 2), SequentialPlan(0.01, 0.05)):
        assert from_json(plan.to_json()) == plan


def test_allocation_adds_up_and_fits():
    generator = random.Random(3)
    for _ in range(300):
        sizes = [generator.choice([0, 1, 3, 50, 4_000]) for _ in range(generator.randint(1, 9))]
        rates = [generator.uniform(0.01, 0.6) for _ in sizes]
        n = generator.randint(0, sum(sizes) + 5)
        for allocation in (Allocation.PROPORTIONAL, Allocation.EQUAL, Allocation.NEYMAN):
            given = allocate(sizes, n, allocation, rates)
            assert sum(given) == min(n, sum(sizes))
            assert all(0 <= number <= size for number, size in zip(given, sizes, strict=True))
            if n >= len(sizes):
                assert all(number for number, size in zip(given, sizes, strict=True) if size)


def test_allocation_follows_its_rule():
    assert allocate([600, 300, 100], 100, Allocation.PROPORTIONAL) == [60, 30, 10]
    assert allocate([600, 300, 5], 100, Allocation.EQUAL) == [48, 47, 5]
    assert allocate([500, 500], 100, Allocation.NEYMAN, [0.5, 0.05]) == [70, 30]
    assert allocate([500, 5], 0, Allocation.OWN, own=[10, 5]) == [10, 5]
    with pytest.raises(InvalidInput):
        allocate([500, 5], 0, Allocation.OWN, own=[10, 6])
