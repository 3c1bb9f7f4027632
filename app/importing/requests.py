"""What somebody asked to have imported: kept with the import, so that it can be shown and run again."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class ImportRequest:
    sources: tuple[str, ...]  # a Hub name, files, globs, a folder, or `sample`
    slug: str | None = None
    subset: str | None = None
    revision: str | None = None
    splits: tuple[str, ...] = ()
    limit: int | None = None
    format: str | None = None  # when a file's name does not say it
    columns: dict[str, str] = field(default_factory=dict)  # --map: our name -> the source's
    strict: bool = False  # the first bad row fails the import and leaves nothing behind
    keep_missing: bool = False  # entries that the source no longer has are not withdrawn
    dry_run: bool = False
    title: str | None = None  # of an upload: the name that its file had

    def to_json(self) -> dict[str, Any]:
        """Without what is as it is by default."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        tuples: dict[str, Any] = {name: tuple(data[name]) for name in ("sources", "splits") if name in data}
        return cls(**(data | tuples))
