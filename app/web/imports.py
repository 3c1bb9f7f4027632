import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.errors import InvalidInput
from app.importing.forms import ORIGINS, RejectedImport, TypedImport, read_import
from app.importing.outcomes import (
    count_before,
    find_all_imports,
    find_changes,
    find_unfinished_imports,
    get_import_page,
)
from app.importing.queries import find_datasets, get_dataset
from app.importing.queue import (
    cancel_import,
    import_after_dry_run,
    is_alive,
    mark_interrupted,
    queue_import,
    resume_import,
)
from app.importing.server_files import find_server_files
from app.importing.uploads import find_upload
from app.importing.writing import WITHDRAWN
from app.models import Dataset
from app.models.label_field import LABEL_FIELDS, decode_value
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.dependencies import CurrentSettings, CurrentVisitor, Id, Imports, ReadDb, WholeDatabase
from app.web.rendering import redirect, render
from app.web.uploads import read_upload_form

router = APIRouter()
_PAGE = 100
_UNKNOWN_FORMAT = "This is no format that can be read: JSON Lines, JSON, CSV, TSV or Parquet, also as .gz, .xz or .zst."
After = Annotated[int, Query(ge=0, le=2**63 - 1)]


@router.get("/imports", dependencies=[needs(Action.IMPORT)])
def list_imports(
    request: Request, db: ReadDb, visitor: CurrentVisitor, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    listed = find_all_imports(db, before, _PAGE + 1, visitor.datasets)
    context = {
        "unfinished": find_unfinished_imports(db, visitor.datasets),
        "imports": listed[:_PAGE],
        "older": listed[_PAGE - 1].record.id if len(listed) > _PAGE else None,
        **_frame(db, visitor),
    }
    return render(request, "imports/index.html", context, partial="imports/_list.html")


@router.get("/imports/new", dependencies=[needs(Action.IMPORT)])
def new_import(
    request: Request, db: ReadDb, settings: CurrentSettings, visitor: CurrentVisitor, into: str = "", source: str = ""
) -> Response:
    """`into` is a dataset that is there, `source` one of the three ways."""
    if source and source not in ORIGINS:
        raise InvalidInput(f"source is one of {', '.join(ORIGINS)}.", "source")
    typed = TypedImport(origin=source or "hub")
    if into:
        slug = get_dataset(db, into, visitor.datasets).slug
        typed = TypedImport(origin=typed.origin, into="existing", slug=slug)
    return _form_page(request, db, settings, visitor, typed, {})


def _form_page(
    request: Request,
    db: ReadDb,
    settings: CurrentSettings,
    visitor: Visitor,
    typed: TypedImport,
    mistakes: dict[str, str],
) -> Response:
    context = {
        "typed": typed,
        "mistakes": mistakes,
        "datasets": find_datasets(db, visitor.datasets),
        "files": find_server_files(settings.importable_dir),
        "most_bytes": settings.max_upload_bytes,
        "has_upload": find_upload(settings.uploads_dir, typed.upload) is not None,
        **_frame(db, visitor),
    }
    return render(request, "imports/new.html", context, status=422 if mistakes else 200)


Typed = tuple[TypedImport, dict[str, str]]


async def _read_form(request: Request, settings: CurrentSettings) -> Typed:
    """What was typed, and what is wrong with the file."""
    form = await read_upload_form(request.headers.get("content-type"), request.stream(), settings.uploads_dir)
    texts = {name: text.strip() for name, text in form.fields.items()}
    known = {field.name: field.type for field in dataclasses.fields(TypedImport)}
    typed: dict[str, Any] = {
        name: text == "yes" if known[name] is bool else text for name, text in texts.items() if name in known
    }
    mistakes = {}
    if typed.get("origin") != "upload":
        await run_in_threadpool(form.discard)
    elif form.path is not None:
        typed |= {"upload": form.path.parent.name, "upload_name": form.file_name}
    elif form.file_name:
        mistakes["file"] = _UNKNOWN_FORMAT
    return TypedImport(**typed), mistakes


@router.post("/imports", dependencies=[needs(Action.IMPORT)])
def create_import(
    request: Request,
    form: Annotated[Typed, Depends(_read_form)],  # first, so that no snapshot stays open while a file comes in
    db: ReadDb,
    database: WholeDatabase,
    imports: Imports,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
) -> Response:
    typed, mistakes = form
    slugs = [dataset.slug for dataset in find_datasets(db, visitor.datasets)]
    if visitor.datasets is not None and typed.into != "existing":
        mistakes["name"] = "You see some datasets only, so import into one of these; an admin makes new ones."
    try:
        asked = read_import(typed, slugs, settings.importable_dir, settings.uploads_dir, mistakes)
    except RejectedImport as error:
        return _form_page(request, db, settings, visitor, typed, error.mistakes)
    return _begin(imports, queue_import(database, asked, requested_by=visitor.reviewer_id))


def _begin(imports: Imports, queued: tuple[int, int]) -> Response:
    imports.start(*queued)
    return redirect(f"/imports/{queued[0]}")


@router.get("/imports/{import_id}", dependencies=[needs(Action.IMPORT)])
def show_import(
    request: Request, import_id: Id, db: ReadDb, database: WholeDatabase, visitor: CurrentVisitor
) -> Response:
    page = get_import_page(db, import_id)
    if not page.listed.is_over and not is_alive(database.path, import_id):
        mark_interrupted(database)
        return redirect(f"/imports/{import_id}")
    context = {
        "page": page,
        "listed": page.listed,
        "record": page.record,
        "before_it": count_before(db, page.record),
        **_frame(db, visitor, page.record.slug),
    }
    return render(request, "imports/show.html", context, partial="imports/_import.html")


@router.post("/imports/{import_id}/cancel", dependencies=[needs(Action.IMPORT)])
def cancel(import_id: Id, database: WholeDatabase, visitor: CurrentVisitor) -> Response:
    cancel_import(database, import_id, visitor.reviewer_id)
    return redirect(f"/imports/{import_id}")


@router.post("/imports/{import_id}/resume", dependencies=[needs(Action.IMPORT)])
def resume(import_id: Id, database: WholeDatabase, imports: Imports, visitor: CurrentVisitor) -> Response:
    return _begin(imports, resume_import(database, import_id, visitor.reviewer_id))


@router.post("/imports/{import_id}/import-now", dependencies=[needs(Action.IMPORT)])
def import_now(import_id: Id, database: WholeDatabase, imports: Imports, visitor: CurrentVisitor) -> Response:
    """After a dry run."""
    return _begin(imports, import_after_dry_run(database, import_id, visitor.reviewer_id))


@router.get("/imports/{import_id}/changes", dependencies=[needs(Action.IMPORT)])
def list_changes(
    request: Request, import_id: Id, db: ReadDb, visitor: CurrentVisitor, field: str = "", after: After = 0
) -> Response:
    refuse_while_blind(visitor.reviewer, "what an import changed")
    page = get_import_page(db, import_id)
    fields = {change.name: change for change in page.changes}
    if field not in fields:
        raise InvalidInput(f"field is what import {import_id} changed: {', '.join(fields) or 'nothing'}.", "field")
    dataset = get_dataset(db, page.record.slug)

    def in_words(value: str) -> str:
        if field == WITHDRAWN:
            return "withdrawn" if decode_value(value) else "here"
        return LABEL_FIELDS[field].words(decode_value(value), dataset.taxonomy)

    changes = find_changes(db, import_id, field, after, _PAGE + 1)
    context = {
        "record": page.record,
        "fields": page.changes,
        "field": fields[field],
        "changes": changes[:_PAGE],
        "in_words": in_words,
        "next": changes[_PAGE - 1].id if len(changes) > _PAGE else None,
        **_frame(db, visitor, dataset.slug),
    }
    return render(request, "imports/changes.html", context)


def _frame(db: ReadDb, visitor: Visitor, slug: str = "") -> dict[str, Any]:
    """What the page around needs; its link to entries leads to the import's dataset, or else to any."""
    datasets = find_datasets(db, visitor.datasets)
    its_own: list[Dataset] = [dataset for dataset in datasets if dataset.slug == slug]
    return {"reviewer": visitor.reviewer, "nav": "datasets", "nav_dataset": next(iter([*its_own, *datasets]), None)}
