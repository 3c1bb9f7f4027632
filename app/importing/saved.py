"""A folder that `save_to_disk` wrote: one split, or a folder for each."""

from pathlib import Path, PurePath
from typing import Any

import orjson

from app.errors import InvalidInput
from app.importing.cards import Card

_SPLITS, _STATE, _INFO = "dataset_dict.json", "state.json", "dataset_info.json"


def is_saved(folder: Path) -> bool:
    return (folder / _SPLITS).is_file() or ((folder / _STATE).is_file() and (folder / _INFO).is_file())


def saved_files(folder: Path) -> dict[str, str]:
    """Each file's name to its split."""
    if not (folder / _SPLITS).is_file():
        return dict.fromkeys(_names(folder), str(_described(folder / _STATE).get("_split") or "train"))
    splits = [_plain(folder, split) for split in _described(folder / _SPLITS).get("splits", [])]
    return {f"{split}/{name}": split for split in splits for name in _names(folder / split)}


def saved_card(folder: Path) -> Card:
    """That of the first split: they are all the same."""
    info = _described(next(iter(sorted(folder.rglob(_INFO)))))
    return Card(licence=info.get("license") or None, text=info.get("description") or None)


def _names(folder: Path) -> list[str]:
    return [_plain(folder, file.get("filename")) for file in _described(folder / _STATE).get("_data_files", [])]


def _plain(folder: Path, name: object) -> str:
    """A name as the description gives it, which may not lead out of the folder."""
    if not isinstance(name, str) or PurePath(name).name != name:
        raise InvalidInput(f"{folder}: its description lists what is no file of this folder.", "source")
    return name


def _described(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        data = None
    if not isinstance(data, dict):
        raise InvalidInput(f"{path}: cannot be read, so the folder is not as save_to_disk left it.", "source")
    return data
