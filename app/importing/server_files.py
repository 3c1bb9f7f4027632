"""What lies below the one folder of the server from which the browser may import."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.errors import InvalidInput
from app.importing.uploads import can_be_read

MOST_LISTED = 500
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True)
class ServerFile:
    name: str  # relative to the folder; of a folder itself with a slash at its end
    bytes: int | None  # None of a folder


@dataclass(frozen=True)
class ServerFiles:
    folder: Path
    listed: tuple[ServerFile, ...]
    has_more: bool


def find_server_files(root: Path) -> ServerFiles:
    """Folders and files with a name that says a format we read; nothing hidden, and no link that leads out."""
    found = list(islice(_listed(root), MOST_LISTED + 1))
    return ServerFiles(root, tuple(found[:MOST_LISTED]), has_more=len(found) > MOST_LISTED)


def _listed(root: Path) -> Iterator[ServerFile]:
    for path in islice(_below(root, root.resolve()), _MOST_LOOKED_AT):
        name = str(path.relative_to(root))
        if path.is_dir():
            yield ServerFile(name + "/", None)
        elif can_be_read(name):
            yield ServerFile(name, path.stat().st_size)


def _below(folder: Path, allowed: Path) -> Iterator[Path]:
    """Depth first, by name; folders that are links are not entered, so there is an end to it."""
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return
    for child in children:
        if child.name.startswith(".") or not child.name.isprintable() or _real(child, allowed) is None:
            continue
        yield child
        if child.is_dir() and not child.is_symlink():
            yield from _below(child, allowed)


def _real(path: Path, allowed: Path) -> Path | None:
    """Where it leads to; None when that is outside, or nothing."""
    try:
        real = path.resolve()
        return real if real.is_relative_to(allowed) and (real.is_dir() or real.is_file()) else None
    except (OSError, RuntimeError):  # a name too long, or links in a circle
        return None


def get_server_file(root: Path, name: str) -> Path:
    """The real path of what was chosen; raises InvalidInput for what is not there or leads out of the folder."""
    allowed = root.resolve()
    if not name or "\0" in name or Path(name).is_absolute():
        raise InvalidInput("Choose a file or a folder of the list.", "path")
    real = _real(allowed / name, allowed)
    if real is None:
        raise InvalidInput("There is no such file or folder in the import folder.", "path")
    inside = (Path(at) / name for at, folders, files in os.walk(real) for name in (*folders, *files))
    if any(_real(path, allowed) is None for path in inside):
        raise InvalidInput("This folder holds a link that leads out of the import folder, or nowhere.", "path")
    return real
