"""What an import reads, and how its rows are to be understood: plain enough to be told to another process."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from app.importing.reading import Limits
from app.importing.schemas import Layout
from app.importing.sources import SourceFile
from app.models import Taxonomy, Unit


@dataclass(frozen=True)
class ReadingPlan:
    files: tuple[SourceFile, ...]
    layout: Layout
    limits: Limits
    limit: int | None = None  # rows over all files

    @property
    def bytes_total(self) -> int:
        return sum(file.path.stat().st_size for file in self.files)

    @property
    def is_text(self) -> bool:
        return all(file.format not in ("parquet", "arrow") for file in self.files)

    def to_json(self) -> dict[str, Any]:
        files = [{**asdict(file), "path": str(file.path)} for file in self.files]
        layout = {**asdict(self.layout), "taxonomy": self.layout.taxonomy.to_json()}
        return {"files": files, "layout": layout, "limits": asdict(self.limits), "limit": self.limit}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        files = tuple(SourceFile(**{**file, "path": Path(file["path"])}) for file in data["files"])
        return cls(files, _layout(data["layout"]), Limits(**data["limits"]), data["limit"])


def _layout(data: dict[str, Any]) -> Layout:
    taxonomy, fields = Taxonomy.from_json(data["taxonomy"]), tuple(data["label_fields"])
    return Layout(**{**data, "unit": Unit(data["unit"]), "taxonomy": taxonomy, "label_fields": fields})
