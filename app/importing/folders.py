"""What a folder of data holds: as its README.md lists it, or as the names of its files say it."""

from collections.abc import Sequence
from fnmatch import fnmatch
from glob import escape
from pathlib import Path, PurePosixPath

from app.errors import InvalidInput
from app.importing.cards import Configs
from app.importing.reading.formats import format_of
from app.importing.splits import said_split, split_of

_DESCRIPTIONS = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")


def guessed_configs(folder: Path, file_format: str | None) -> Configs:
    """By names: everything as `default`, and each model's folder of `data/<model>/train.jsonl` as a subset."""
    names = _data_files(folder, file_format)
    if any(said_split(name) for name in names):  # then the others are something else, as `datasets` sees it
        names = [name for name in names if said_split(name)]
    models = {name: _model_folder(name) for name in names}
    configs: Configs = {}
    for name, model in models.items():
        subsets = ["default", model.lower()] if model and len(set(models.values())) > 1 else ["default"]
        for subset in subsets:
            configs.setdefault(subset, {}).setdefault(split_of(name), []).append(escape(name))
    return configs or {"default": {}}


def _data_files(folder: Path, file_format: str | None) -> list[str]:
    paths = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if format_of(path) and path.is_file()]
    wanted = [
        path
        for path in paths
        if path.name not in _DESCRIPTIONS and not any(part.startswith(".") for part in path.parts)
        if file_format in (None, format_of(path))
    ]
    formats = sorted({str(format_of(path)) for path in wanted})
    if len(formats) == 2 and "json" in formats:  # a manifest or the like beside the data
        wanted = [path for path in wanted if format_of(path) != "json"]
    elif len(formats) > 1:
        raise InvalidInput(f"{folder} holds {' and '.join(formats)} files; choose with --format.", "format")
    return [path.as_posix() for path in wanted]


def _model_folder(name: str) -> str | None:
    parts = PurePosixPath(name).parts[:-1]
    parts = parts[1:] if parts[:1] == ("data",) else parts
    return parts[0] if parts and not said_split(parts[0]) else None


def files_matching(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """A README may list anything; what leads out of the folder is refused."""
    for pattern in patterns:
        if pattern.startswith("/") or ".." in PurePosixPath(pattern).parts:
            raise InvalidInput(f"{folder}: its README.md lists a file outside of the folder.", "source")
    return [path for pattern in patterns for path in sorted(folder.glob(pattern)) if path.is_file()]


def narrowest_subset(name: str, names: Sequence[str], configs: Configs) -> str | None:
    """The smallest subset that has this file: a row belongs to alpaca-7b also when the default was asked for."""

    def has(subset: str, file_name: str) -> bool:
        return any(fnmatch(file_name, pattern) for patterns in configs[subset].values() for pattern in patterns)

    having = [subset for subset in configs if has(subset, name)]
    if len(configs) < 2 or not having:
        return None
    return min(having, key=lambda subset: (sum(has(subset, other) for other in names), subset == "default"))
