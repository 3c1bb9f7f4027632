"""Reads a file as an import does, and says what came of each row."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.importing.reading import Limits, Record, format_of, open_reader


@dataclass
class Read:
    records: list[Record]
    warnings: list[str]
    sha256: str
    bytes_read: int

    @property
    def rows(self) -> list[Any]:
        return [record.row for record in self.records]

    @property
    def outcome(self) -> list[tuple[int, Any]]:
        """(number, the row or what is wrong with it) of each."""
        return [(record.number, record.row or record.problem) for record in self.records]


def read(path: Path, file_format: str | None = None, limits: Limits | None = None) -> Read:
    found = file_format or format_of(path)
    assert found is not None
    reader = open_reader(path, found, limits or Limits())
    records = list(reader)
    sha256 = reader.finish()
    return Read(records, reader.warnings, sha256, reader.bytes_read)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
