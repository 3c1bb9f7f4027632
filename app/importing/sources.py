"""What SOURCE means: the bundled sample, files, a folder laid out like a Hub repository, or a Hub name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from os.path import commonpath
from pathlib import Path

from app.errors import Failed, InvalidInput
from app.importing.cards import Card, read_card
from app.importing.folders import files_matching, guessed_configs, narrowest_subset
from app.importing.reading.formats import READABLE, bare_name, format_of, known_format
from app.importing.saved import is_saved, saved_card, saved_files
from app.importing.splits import split_of
from app.resources import SAMPLE

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


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

    @property
    def splits(self) -> list[str]:
        return sorted({file.split for file in self.files})

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
    for split in splits:
        if split not in source.splits:
            there = ", ".join(source.splits)
            raise InvalidInput(f"{source.location} has no split {split!r}; it has {there}.", "split")
    return replace(source, files=tuple(file for file in source.files if file.split in splits))


def _resolve(sources: Sequence[str], subset: str | None, revision: str | None, file_format: str | None) -> Source:
    if list(sources) == ["sample"]:
        return replace(folder_source(SAMPLE, subset), slug="sample", location="bundled sample")
    try:
        source = _local_source(sources, subset, file_format)
    except OSError as error:
        raise Failed(f"{error.filename or sources[0]}: {error.strerror}.") from None
    if source is None:
        from app.importing.hub import hub_source  # pulls in `datasets`, which takes seconds

        return hub_source(sources[0], subset, revision, file_format)
    if revision is not None:
        raise InvalidInput("--revision names a version on the Hub; local files have none.", "revision")
    return source


def _local_source(sources: Sequence[str], subset: str | None, file_format: str | None) -> Source | None:
    """None when it is a name on the Hub."""
    paths = [path for source in sources for path in _expanded(source, file_format)]
    missing = [path for path in paths if not path.exists()]
    if not missing:
        if len(paths) == 1 and paths[0].is_dir():
            return folder_source(paths[0], subset, file_format)
        return _files_source(paths, subset, file_format)
    if len(sources) == 1 and _HUB_NAME.fullmatch(sources[0]):
        return None
    raise InvalidInput(
        f"{missing[0]}: no such file or folder. A name on the Hugging Face Hub looks like PKU-Alignment/PKU-SafeRLHF; "
        "the bundled sample is called sample.",
        "source",
    )


def _expanded(source: str, file_format: str | None) -> list[Path]:
    """The data files that a glob matches; a shell leaves it to us when it is quoted."""
    path = Path(source).expanduser()
    if not has_magic(source) or path.exists():
        return [path]
    matching = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207 - it takes absolute ones
    found = [path for path in matching if path.is_file() and (file_format or format_of(path))]
    if not found:
        raise InvalidInput(f"{source}: no data file matches.", "source")
    return found


def _files_source(paths: Sequence[Path], subset: str | None, file_format: str | None) -> Source:
    if subset is not None:
        raise InvalidInput("--subset needs a Hub name or a folder whose README.md lists configs.", "subset")
    for path in paths:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder: give one folder, or files only.", "source")
    _refuse_repeated(paths)
    base = commonpath([path.absolute().parent for path in paths])
    files = [(path, path.absolute().relative_to(base).as_posix()) for path in paths]
    title = bare_name(paths[0].name)
    return Source(
        slugify(title),
        title,
        ", ".join(str(path) for path in paths),
        tuple(SourceFile(path, name, split_of(name), check_format(path, file_format)) for path, name in files),
        Card(),
    )


def _refuse_repeated(paths: Iterable[Path]) -> None:
    seen: dict[tuple[int, int], Path] = {}
    for path in paths:
        status = path.stat()
        first = seen.setdefault((status.st_dev, status.st_ino), path)
        if first is not path:
            raise InvalidInput(f"{path}: is given twice (it is the same file as {first}).", "source")


def folder_source(folder: Path, subset: str | None, file_format: str | None = None) -> Source:
    next(folder.iterdir(), None)  # says so when it may not be read
    if is_saved(folder):
        return _saved_source(folder, subset)
    card = read_card(folder / "README.md")
    configs = card.configs or guessed_configs(folder, file_format)
    wanted = subset or "default"
    if wanted not in configs:
        wanted = _only_config(configs, subset, folder)
    names = {
        str(path.relative_to(folder)): split
        for split, patterns in configs[wanted].items()
        for path in files_matching(folder, patterns)
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
    return _folder_as_source(folder, files, card, subset)


def _saved_source(folder: Path, subset: str | None) -> Source:
    if subset is not None:
        raise InvalidInput(f"{folder}: a folder from save_to_disk has no subsets.", "subset")
    files = saved_files(folder).items()
    return _folder_as_source(
        folder,
        tuple(SourceFile(folder / name, name, split, "arrow") for name, split in files),
        saved_card(folder),
        None,
    )


def _folder_as_source(folder: Path, files: tuple[SourceFile, ...], card: Card, subset: str | None) -> Source:
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


def slugify(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "dataset"


def check_format(path: Path, file_format: str | None) -> str:
    found = known_format(file_format) if file_format else format_of(path)
    if found is None:
        raise InvalidInput(f"{path}: not a format this version reads ({READABLE}); --format says it by hand.", "source")
    return found
