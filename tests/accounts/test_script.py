"""What the README shows of scripts, run as it stands, with curl and a server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import Verdict
from app.settings import Settings
from tests.serving import serving

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_shown_script_works(
    sample: None, team: Callable[..., object], database: Database, settings: Settings, tmp_path: Path
) -> None:
    section = (ROOT / "README.md").read_text().split("## Use it from a script\n")[1].split("\n## ")[0]
    lines = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    command = tmp_path / "saferlhf-review"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app "$@"\n')
    command.chmod(0o700)
    with serving(settings) as address:
        script = 'set -eu\ncurl() { command curl -sS --fail-with-body "$@"; }\n' + lines
        done = subprocess.run(
            ["bash", "-c", script.replace("http://127.0.0.1:8000", address)],
            cwd=ROOT,
            env={
                **os.environ,
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'etag: "1"' in done.stdout
    with database.read() as db:
        assert db.scalars(select(Verdict)).one().reason == "Read it twice."
