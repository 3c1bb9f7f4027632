"""Agreement coefficients against R, on ratings that R made, and against what was published."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.agreement.measures.many_raters import fleiss_kappa, gwet_ac1, gwet_ac2, krippendorff_alpha, percent_agreement
from app.agreement.measures.tables import contingency
from app.agreement.measures.two_raters import cohen_kappa, gwet_ac1_of, weighted_kappa

TABLES = json.loads((Path(__file__).parent / "references" / "agreement.json").read_text())
# Of complete ratings by three irr 0.84.1 gives alpha as if there were twice as many entries; irrCAC, the krippendorff
# package and Krippendorff 2011 do not.
NOT_OF_IRR = {("three", "alpha"), ("three", "alpha_ordinal")}


def found(ratings: list[list[int | None]], values: list[int], name: str) -> float | None:
    if name in ("kappa", "kappa_squared"):
        table = contingency([(one, other) for one, other in ratings], values)
        return (cohen_kappa if name == "kappa" else weighted_kappa)(table).value
    return {
        "agreement": lambda: percent_agreement(ratings),
        "fleiss": lambda: fleiss_kappa(ratings),
        "alpha": lambda: krippendorff_alpha(ratings),
        "alpha_cac": lambda: krippendorff_alpha(ratings),
        "alpha_ordinal": lambda: krippendorff_alpha(ratings, "ordinal"),
        "ac1": lambda: gwet_ac1(ratings, values),
        "ac2": lambda: gwet_ac2(ratings, values),
    }[name]().value


@pytest.mark.parametrize("name", TABLES)
def test_coefficients_are_those_of_r(name: str) -> None:
    table = TABLES[name]
    for measure, value in table["found"].items():
        if (name, measure) not in NOT_OF_IRR:
            assert found(table["ratings"], table["values"], measure) == pytest.approx(value, rel=1e-9, abs=1e-9), (
                measure
            )


def test_weighted_kappa_is_that_of_cohen_1968() -> None:
    """Table 1: two psychiatrists on 200 patients, weights of disagreement 0, 1, 3 and 6."""
    patients = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]], dtype=float)
    apart = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert cohen_kappa(patients).value == pytest.approx(0.492, abs=5e-4)
    assert weighted_kappa(patients, 1 - apart / 6).value == pytest.approx(0.348, abs=5e-4)


def test_ac1_stands_where_kappa_falls() -> None:
    """Gwet 2008, the first paradox: 118 of 125 agree on one value, and kappa is below chance."""
    patients = np.array([[118.0, 5.0], [2.0, 0.0]])
    assert cohen_kappa(patients).value == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac1_of(patients).value == pytest.approx(0.9408, abs=5e-5)
