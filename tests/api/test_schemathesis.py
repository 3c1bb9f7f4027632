"""Schemathesis makes requests of the description, right and wrong ones, and finds no answer that it does not allow."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.accounts.tokens import make_token, scopes_of
from app.db import Database
from app.models import Reviewer
from app.settings import Settings
from app.terms.role import Role
from tests.api.conftest import API, review
from tests.serving import serving
from tests.team import CAST, add_account


@pytest.fixture
def address(pairs: None, alice: TestClient, settings: Settings) -> Iterator[str]:
    """Of a server with some entries, one of them reviewed."""
    review(alice, 2, flag="yes")
    with serving(settings) as found:
        yield found


def check(address: str, folder: Path, *options: str) -> str:
    config = ["--config-file", str(Path(__file__).with_name("schemathesis.toml"))]
    usual = ["--checks=all", "--mode=all", "--generation-deterministic", "--no-color"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *config, "run", f"{address}{API}/openapi.json", *usual, *options],
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.api.dependencies",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_answer_is_one_that_the_description_allows(address: str, tmp_path: Path) -> None:
    assert "13 selected / 13 total" in check(address, tmp_path, "--max-examples=20")


def test_so_is_every_answer_to_every_role(address: str, database: Database, tmp_path: Path) -> None:
    """With tokens that may do all that the role may."""
    for name, role in CAST.items():
        if name == "bob":
            continue
        reviewer_id = add_account(database, name, role)
        with database.write() as db:
            owner = db.get_one(Reviewer, reviewer_id)
            token = make_token(db, owner, "schemathesis", scopes_of(Role(role)))
        bearer = f"Authorization: Bearer {token}"
        said = check(address, tmp_path, "--phases=examples,fuzzing", "--max-examples=5", "-H", bearer)
        assert "13 selected / 13 total" in said
