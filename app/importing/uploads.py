"""Uploaded files: kept in folders with random names until their import is complete, or for a week.

Of the name that a file had in the browser only what says its format is kept here, and that is one of a fixed list.
"""

import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from app.db import Database
from app.importing.reading.formats import bare_name, format_of
from app.models import DatasetImport, ImportState

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT_SECONDS = 7 * 24 * 3600


def can_be_read(file_name: str) -> bool:
    return format_of(Path(file_name)) is not None


def new_upload_path(uploads_dir: Path, file_name: str) -> Path:
    """Where to put a file that somebody calls so; its name must say a format."""
    folder = uploads_dir / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    return folder / f"data{file_name[len(bare_name(file_name)) :].lower()}"


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
        with suppress(FileNotFoundError):  # two imports that end at once both look
            files = {str(path) for path in folder.iterdir()}
            if not files & unfinished and (files & done or folder.stat().st_mtime < oldest):
                shutil.rmtree(folder, ignore_errors=True)
