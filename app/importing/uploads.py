"""Uploaded files: kept in folders with random names until their import is complete, or for a week.

Of the name that a file had in the browser only two words are kept, each from a fixed list: its split and its suffix.
"""

import re
import secrets
import shutil
import time
from pathlib import Path

from sqlalchemy import select

from app.db import Database
from app.importing.sources import split_of
from app.models import DatasetImport, ImportState

SUFFIXES = tuple(
    f".{kind}{packing}"
    for kind in ("jsonl", "ndjson", "json", "csv", "tsv", "parquet")
    for packing in ("", ".gz", ".xz", ".zst")
)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT_SECONDS = 7 * 24 * 3600


def known_suffix(file_name: str) -> str | None:
    return next((suffix for suffix in SUFFIXES if file_name.lower().endswith(suffix)), None)


def bare_name(file_name: str) -> str:
    return file_name[: -len(known_suffix(file_name) or "")] or file_name


def new_upload_path(uploads_dir: Path, file_name: str) -> Path:
    """Where to put a file that somebody calls so; its suffix must be a known one."""
    folder = uploads_dir / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    return folder / f"{split_of(file_name)}{known_suffix(file_name)}"


def find_upload(uploads_dir: Path, token: str) -> Path | None:
    """The file that an earlier request brought; a token is the name of its folder."""
    if not _TOKEN.fullmatch(token) or not (uploads_dir / token).is_dir():
        return None
    return next((uploads_dir / token).iterdir(), None)


def remove_upload(path: Path) -> None:
    shutil.rmtree(path.parent, ignore_errors=True)


def remove_finished_uploads(database: Database, uploads_dir: Path) -> None:
    """All but those that an import may still want: to run, to resume, or to do what a dry run tried."""
    folders = list(uploads_dir.iterdir()) if uploads_dir.is_dir() else []
    if not folders:
        return
    done, unfinished = set[str](), set[str]()
    with database.read() as db:
        for state, is_dry_run, request in db.execute(
            select(DatasetImport.state, DatasetImport.is_dry_run, DatasetImport.request)
        ):
            if not ImportState(state).is_over:
                unfinished.update(request.get("sources", []))
            elif state == ImportState.COMPLETE and not is_dry_run:
                done.update(request.get("sources", []))
    oldest = time.time() - _KEPT_SECONDS
    for folder in folders:
        files = {str(path) for path in folder.iterdir()}
        if not files & unfinished and (files & done or folder.stat().st_mtime < oldest):
            shutil.rmtree(folder, ignore_errors=True)
