"""The form of /imports/new: what was typed, and the request that it means."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from app.errors import InvalidInput
from app.importing.reading.formats import bare_name
from app.importing.requests import ImportRequest
from app.importing.schemas.columns import parse_columns
from app.importing.server_files import get_server_file
from app.importing.sources import slugify
from app.importing.uploads import find_upload

ORIGINS = ("hub", "server", "upload")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_LONGEST = 200


@dataclass(frozen=True)
class TypedImport:
    origin: str = "hub"
    hub_name: str = ""
    revision: str = ""
    subset: str = ""
    splits: str = ""
    path: str = ""  # below the import folder
    upload: str = ""  # the token of a file that is here already
    upload_name: str = ""  # as it is called in the browser
    into: str = "new"
    name: str = ""  # of a new dataset
    slug: str = ""  # of one that is there
    columns: str = ""
    strict: bool = False
    keep_missing: bool = False
    dry_run: bool = False


class RejectedImport(Exception):
    def __init__(self, mistakes: dict[str, str]) -> None:
        """Field to the sentence that stands by it."""
        super().__init__("an import that was not understood")
        self.mistakes = mistakes


class _Reader:
    """Reads one part after the other, so that every mistake is told at once."""

    def __init__(self, typed: TypedImport, slugs: Collection[str], import_dir: Path, uploads_dir: Path) -> None:
        self.typed = typed
        self.slugs = slugs
        self.import_dir = import_dir
        self.uploads_dir = uploads_dir
        self.mistakes: dict[str, str] = {}

    def source(self) -> str:
        typed = self.typed
        if typed.origin == "server":
            try:
                return str(get_server_file(self.import_dir, typed.path))
            except InvalidInput as error:
                self.mistakes["path"] = error.message
        elif typed.origin == "upload":
            found = find_upload(self.uploads_dir, typed.upload)
            if found is not None:
                return str(found)
            self.mistakes.setdefault("file", "Choose a file to upload.")
        elif typed.origin != "hub":
            self.mistakes["origin"] = "Choose where the data are."
        elif not _HUB_NAME.fullmatch(typed.hub_name):
            self.mistakes["hub_name"] = "A name on the Hub looks like PKU-Alignment/PKU-SafeRLHF."
        elif Path(typed.hub_name).exists():  # which would be read in its place
            self.mistakes["hub_name"] = (
                "Where the server runs there is a folder of this name; rename or move that first."
            )
        return typed.hub_name

    def slug(self) -> str:
        typed = self.typed
        if typed.into == "existing":
            if typed.slug not in self.slugs:
                self.mistakes["slug"] = "Choose one of the datasets."
            return typed.slug
        slug = slugify(typed.name or self.proposed_name())
        if slug in self.slugs:
            self.mistakes["name"] = (
                f"There is a dataset {slug} already. Choose it below, or give this one another name."
            )
        return slug

    def proposed_name(self) -> str:
        typed = self.typed
        if typed.origin == "upload":
            return bare_name(typed.upload_name)
        if typed.origin == "server":
            return bare_name(Path(typed.path).name)
        return " ".join(filter(None, (typed.hub_name.rpartition("/")[2], typed.subset, typed.revision)))

    def title(self) -> str | None:
        if self.typed.origin != "upload":
            return None
        return "".join(filter(str.isprintable, self.typed.upload_name))[:_LONGEST]

    def columns(self) -> dict[str, str]:
        try:
            return parse_columns(self.typed.columns.splitlines())
        except InvalidInput as error:
            self.mistakes["columns"] = error.message.removeprefix("--map: ")
            return {}

    def splits(self) -> tuple[str, ...]:
        return tuple(self.typed.splits.replace(",", " ").split())

    def refuse_unprintable(self) -> None:
        for name in ("hub_name", "revision", "subset", "splits", "name"):
            value: str = getattr(self.typed, name)
            if not value.isprintable() or len(value) > _LONGEST:
                self.mistakes[name] = f"Type at most {_LONGEST} letters, without control characters."


def read_import(
    typed: TypedImport, slugs: Collection[str], import_dir: Path, uploads_dir: Path, mistakes: dict[str, str]
) -> ImportRequest:
    """Raises RejectedImport. What goes into a dataset that is there already begins with a dry run."""
    reader = _Reader(typed, slugs, import_dir, uploads_dir)
    reader.mistakes |= mistakes
    reader.refuse_unprintable()
    request = ImportRequest(
        sources=(reader.source(),),
        slug=reader.slug(),
        subset=typed.subset or None if typed.origin != "upload" else None,
        revision=typed.revision or None if typed.origin == "hub" else None,
        splits=reader.splits() if typed.origin != "upload" else (),
        columns=reader.columns(),
        strict=typed.strict,
        keep_missing=typed.keep_missing,
        dry_run=typed.dry_run or typed.into == "existing",
        title=reader.title(),
    )
    if reader.mistakes:
        raise RejectedImport(reader.mistakes)
    return request
