"""50 reviewers on 10 entries: nothing is lost, nothing is there twice, and nothing but 2xx, 3xx and 4xx is answered."""

import os
from pathlib import Path

import pytest

from tests.crash.soaking import Soak, soak

PEOPLE, ENTRIES = int(os.environ.get("SOAK_PEOPLE", "50")), int(os.environ.get("SOAK_ENTRIES", "10"))
SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))


@pytest.mark.parametrize("kills", [0, pytest.param(1, marks=pytest.mark.crash)])
def test_some_reviewers_on_few_entries(imported: Path, kills: int) -> None:
    soak(imported, Soak(people=20, entries=3, seconds=3, kills=kills))


@pytest.mark.soak
@pytest.mark.parametrize("kills", [0, 6], ids=["undisturbed", "killed"])
def test_many_reviewers_on_few_entries(imported: Path, kills: int) -> None:
    soak(imported, Soak(PEOPLE, ENTRIES, SECONDS, kills))
