"""What SOURCE means: the bundled sample, files, a folder laid out like a Hub repository, or a Hub name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from app.errors import InvalidInput
from app.importing.cards import Card, Configs, read_card
from app.importing.reading.formats import READABLE, bare_name, format_of, known_format
from app.resources import SAMPLE

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
# As `datasets` recognises splits in file names: a keyword between separators.
_SPLIT_WORDS = {
    "train": "train", "training": "train", "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}  # fmt: skip
_SEPARATORS = re.compile(r"[._\-\s0-9]+")


@dataclass(frozen=True)
class SourceFile:
    path: Path
    name: str  # as shown and stored: relative to its folder
    split: str
    format: str
    subset: str | None = None


@dataclass(frozen=True)
class Source:
    slug: str
    title: str
    location: str  # Hub name, or path
    files: tuple[SourceFile, ...]
    card: Card
    subset: str | None = None
    requested_revision: str | None = None
    revision: str | None = None

    def title_as(self, slug: str) -> str:
        """A name that somebody chose says more than a file's; the card's own title says most."""
        return self.title if self.card.title or slug == self.slug else slug


def resolve_source(
    sources: Sequence[str],
    *,
    subset: str | None,
    revision: str | None,
    splits: Sequence[str],
    file_format: str | None = None,
) -> Source:
    """Raises InvalidInput or Failed, saying what is wrong with which source, before anything is written."""
    source = _resolve(sources, subset, revision, file_format)
    if not splits:
        return source
    there = sorted({file.split for file in source.files})
    for split in splits:
        if split not in there:
            raise InvalidInput(f"{source.location} has no split {split!r}; it has {', '.join(there)}.", "split")
    return replace(source, files=tuple(file for file in source.files if file.split in splits))


def _resolve(sources: Sequence[str], subset: str | None, revision: str | None, file_format: str | None) -> Source:
    if list(sources) == ["sample"]:
        return replace(folder_source(SAMPLE, subset), slug="sample", location="bundled sample")
    paths = [Path(source).expanduser() for source in sources]
    if len(paths) == 1 and paths[0].is_dir():
        _refuse_revision(revision)
        return folder_source(paths[0], subset, file_format)
    missing = [path for path in paths if not path.exists()]
    if not missing:
        _refuse_revision(revision)
        return _files_source(paths, subset, file_format)
    if len(sources) == 1 and _HUB_NAME.fullmatch(sources[0]):
        from app.importing.hub import hub_source  # pulls in `datasets`, which takes seconds

        return hub_source(sources[0], subset, revision, file_format)
    raise InvalidInput(
        f"{missing[0]}: no such file or folder. A name on the Hugging Face Hub looks like PKU-Alignment/PKU-SafeRLHF; "
        "the bundled sample is called sample.",
        "source",
    )


def _refuse_revision(revision: str | None) -> None:
    if revision is not None:
        raise InvalidInput("--revision names a version on the Hub; local files have none.", "revision")


def _files_source(paths: Sequence[Path], subset: str | None, file_format: str | None) -> Source:
    if subset is not None:
        raise InvalidInput("--subset needs a Hub name or a folder whose README.md lists configs.", "subset")
    for path in paths:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder: give one folder, or files only.", "source")
    files = tuple(SourceFile(path, path.name, split_of(path.name), check_format(path, file_format)) for path in paths)
    title = bare_name(paths[0].name)
    return Source(slugify(title), title, ", ".join(str(path) for path in paths), files, Card())


def folder_source(folder: Path, subset: str | None, file_format: str | None = None) -> Source:
    card = read_card(folder / "README.md")
    configs = card.configs or {"default": _guessed_splits(folder)}
    wanted = subset or "default"
    if wanted not in configs:
        wanted = _only_config(configs, subset, folder)
    names = {
        str(path.relative_to(folder)): split
        for split, patterns in configs[wanted].items()
        for path in _matches(folder, patterns)
    }
    files = tuple(
        SourceFile(
            folder / name,
            name,
            split,
            check_format(folder / name, file_format),
            narrowest_subset(name, list(names), configs),
        )
        for name, split in names.items()
    )
    if not files:
        raise InvalidInput(f"{folder}: no data file found; expected files such as data/train.jsonl.", "source")
    title = card.title or folder.resolve().name
    return Source(slugify(title), title, str(folder), files, card, subset)


def _only_config(configs: dict[str, dict[str, list[str]]], subset: str | None, folder: Path) -> str:
    if subset is None and len(configs) == 1:
        return next(iter(configs))
    names = ", ".join(configs)
    if subset is None:
        raise InvalidInput(f"{folder} has no default subset; choose one with --subset: {names}.", "subset")
    raise InvalidInput(f"{folder} has no subset {subset!r}; it has {names}.", "subset")


def narrowest_subset(name: str, names: Sequence[str], configs: Configs) -> str | None:
    """The smallest subset that has this file: a row belongs to alpaca-7b also when the default was asked for."""

    def has(subset: str, file_name: str) -> bool:
        return any(fnmatch(file_name, pattern) for patterns in configs[subset].values() for pattern in patterns)

    having = [subset for subset in configs if has(subset, name)]
    if len(configs) < 2 or not having:
        return None
    return min(having, key=lambda subset: (sum(has(subset, other) for other in names), subset == "default"))


def _matches(folder: Path, patterns: list[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(folder.glob(pattern)) if path.is_file()]


def _guessed_splits(folder: Path) -> dict[str, list[str]]:
    splits: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if format_of(path):
            splits.setdefault(split_of(path.name), []).append(str(path.relative_to(folder)))
    return splits


def split_of(file_name: str) -> str:
    words = _SEPARATORS.split(file_name.lower())
    return next((_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS), "train")


def slugify(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "dataset"


def check_format(path: Path, file_format: str | None) -> str:
    found = known_format(file_format) if file_format else format_of(path)
    if found is None:
        raise InvalidInput(f"{path}: not a format this version reads ({READABLE}); --format says it by hand.", "source")
    return found
