"""Which formats there are, and which one a file is."""

from pathlib import Path

from app.errors import InvalidInput

_SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv",
    ".parquet": "parquet", ".arrow": "arrow",
}  # fmt: skip
_TEXT = ("jsonl", "json", "csv", "tsv")
_PACKED = (".gz", ".xz", ".zst")
FORMATS = (*_TEXT, "parquet", "arrow")
READABLE = f"{', '.join(_SUFFIXES)}; the first five also with {', '.join(_PACKED)}"


def bare_name(name: str) -> str:
    """Without what says the format: `train.jsonl.gz` is `train`."""
    return _split(name)[0]


def format_of(path: Path) -> str | None:
    """As the file's name says it."""
    return _split(path.name)[1]


def _split(name: str) -> tuple[str, str | None]:
    unpacked = next((name[: -len(suffix)] for suffix in _PACKED if name.lower().endswith(suffix)), name)
    stem, dot, suffix = unpacked.rpartition(".")
    file_format = _SUFFIXES.get(dot + suffix.lower())
    if file_format is None or (unpacked != name and file_format not in _TEXT):
        return name, None
    return stem, file_format


def known_format(file_format: str) -> str:
    """Raises InvalidInput when there is no such format."""
    if file_format not in FORMATS:
        raise InvalidInput(f"There is no format {file_format!r}; there are {', '.join(FORMATS)}.", "format")
    return file_format
