"""What an import looks at and reads, and how its rows are to be understood: plain enough for another process."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from app.importing.reading import Limits
from app.importing.schemas import Layout
from app.importing.sources import SourceFile
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

# pyarrow takes 100 MB; where it is needed, the process that reads has it, and the one that writes has not.
_BINARY = ("parquet", "arrow")


@dataclass(frozen=True)
class Look:
    """At the first rows of each file, to know their schema."""

    files: tuple[SourceFile, ...]
    columns: dict[str, str]  # --map
    location: str
    limits: Limits

    def to_json(self) -> dict[str, Any]:
        return {**_files_to_json(self.files, self.limits), "columns": self.columns, "location": self.location}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(_files(data), data["columns"], data["location"], Limits(**data["limits"]))


@dataclass(frozen=True)
class ReadingPlan:
    files: tuple[SourceFile, ...]
    layout: Layout
    limits: Limits
    limit: int | None = None  # rows over all files

    @property
    def bytes_total(self) -> int:
        return sum(file.path.stat().st_size for file in self.files)

    def to_json(self) -> dict[str, Any]:
        files = _files_to_json(self.files, self.limits)
        return {**files, "layout": layout_to_json(self.layout), "limit": self.limit}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(_files(data), layout_from_json(data["layout"]), Limits(**data["limits"]), data["limit"])


def are_texts(files: Sequence[SourceFile]) -> bool:
    return all(file.format not in _BINARY for file in files)


def layout_to_json(layout: Layout) -> dict[str, Any]:
    return {**asdict(layout), "taxonomy": layout.taxonomy.to_json()}


def layout_from_json(data: dict[str, Any]) -> Layout:
    taxonomy, fields = Taxonomy.from_json(data["taxonomy"]), tuple(data["label_fields"])
    return Layout(**{**data, "unit": Unit(data["unit"]), "taxonomy": taxonomy, "label_fields": fields})


def _files_to_json(files: Sequence[SourceFile], limits: Limits) -> dict[str, Any]:
    return {"files": [{**asdict(file), "path": str(file.path)} for file in files], "limits": asdict(limits)}


def _files(data: dict[str, Any]) -> tuple[SourceFile, ...]:
    return tuple(SourceFile(**{**file, "path": Path(file["path"])}) for file in data["files"])
