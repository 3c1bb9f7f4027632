"""The OpenAPI document, made for the datasets that are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api import schemas
from app.api.conditional import JSON, NDJSON, PRODUCT_VERSION
from app.api.description import examples, parameters
from app.api.description.operations import (
    ACTIVITY,
    AXES,
    BROWSE,
    CALIBRATION,
    CONDITIONS,
    ENTRY_ID,
    INTERVALS,
    LABEL_FIELD,
    OPERATIONS,
    PLACES,
    REPLACES,
    REVIEWER_ID,
    SESSION_ID,
    SLUG,
    Operation,
)
from app.api.description.words import ABOUT, TAGS
from app.browsing.facets import Facet
from app.models.label_field import LABEL_FIELDS

PREFIX = "/api/v1"
PROBLEM_JSON = "application/problem+json"
Document = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What the examples name and the parameters offer."""

    base_url: str
    slug: str
    entry_id: int
    facets: Sequence[Facet]
    is_team: bool
    session_id: int | None  # one that may be looked at, if there is any
    label_field: str
    reviewer_id: int | None  # of who asks


def openapi_document(known: Known) -> Document:
    groups = _groups(known)
    shared = {_named(group, parameter): parameter for group in groups for parameter in groups[group]}
    paths: dict[str, Document] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method] = _operation(operation, groups, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SafeRLHF Review", "version": PRODUCT_VERSION, "description": ABOUT},
        "servers": [{"url": known.base_url}],
        "tags": TAGS,
        "paths": paths,
        "security": [{_BEARER: []}] if known.is_team else [],
        "components": {
            "schemas": _schemas(),
            "parameters": {**shared, "If-None-Match": _IF_NONE_MATCH},
            "headers": _HEADERS,
            "responses": _PROBLEMS,
            "securitySchemes": {_BEARER: _SCHEME},
        },
    }


def _groups(known: Known) -> dict[str, list[Document]]:
    slug = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"}
    entry_id = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return {
        SLUG: [_in_path("slug", "A dataset's name in addresses.", slug, known.slug)],
        ENTRY_ID: [_in_path("entry_id", "An entry's `id`.", entry_id, known.entry_id)],
        BROWSE: parameters.filters(known.facets),
        PLACES: parameters.places(),
        AXES: parameters.axes(known.facets),
        SESSION_ID: [_in_path("session_id", "The number of a review session.", entry_id, known.session_id or 1)],
        LABEL_FIELD: [_in_path("label_field", "A label of the dataset.", _LABEL, known.label_field)],
        INTERVALS: parameters.intervals(),
        CONDITIONS: parameters.conditions(),
        REVIEWER_ID: [_in_path("reviewer_id", "The number of a reviewer.", entry_id, known.reviewer_id or 1)],
        CALIBRATION: parameters.calibration(),
        REPLACES: parameters.replaces(),
        ACTIVITY: parameters.activity(),
    }


_LABEL = {"type": "string", "enum": list(LABEL_FIELDS)}


def _named(group: str, parameter: Document) -> str:
    """Among all parameters: some are called as others that mean something else."""
    name: str = parameter["name"]
    return f"{group}.{name}" if group in (ACTIVITY, REPLACES) else name


def _in_path(name: str, description: str, schema: Document, example: Any) -> Document:
    path = {"name": name, "in": "path", "required": True}
    return {**path, "description": description, "schema": schema, "example": example}


_BEARER = "bearer"
_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "In a team: an API token, made on the page of your account or by `saferlhf-review token create`. In "
    "local mode none is needed.",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an answer that you have: when it still holds, the answer is 304 without a body.",
    "schema": {"type": "string"},
}
_HEADERS = {
    "ETag": {
        "description": "Of this answer; weak, since it may be sent compressed or not.",
        "schema": {"type": "string"},
        "example": 'W/"5c6ffbdd40d9556b73a21e63"',
    },
    "Revision": {
        "description": "Of your review, for `If-Match`.",
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
        "example": '"3"',
    },
    "WWW-Authenticate": {"description": "RFC 6750.", "schema": {"type": "string"}},
    "Link": {
        "description": 'The next page as `<…>; rel="next"` (RFC 8288); absent on the last one.',
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "May be kept, and is to be asked for again with its ETag.",
        "schema": {"type": "string", "const": "private, no-cache"},
    },
    "Vary": {"description": "The forms that there are depend on `Accept`.", "schema": {"type": "string"}},
}


def _ref(kind: str, name: str) -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


def _problem(description: str, model: type[BaseModel] = schemas.Problem, *headers: str) -> Document:
    content = {PROBLEM_JSON: {"schema": _ref("schemas", model.__name__), "example": examples.PROBLEM}}
    shown = {"headers": {name: _ref("headers", name) for name in headers}} if headers else {}
    return {"description": description, **shown, "content": content}


_CHALLENGE = "WWW-Authenticate"
_PROBLEMS = {
    "401": _problem("In a team: without a token, or it is not, or no longer, good.", schemas.Problem, _CHALLENGE),
    "403": _problem("Not with this role, this token, or while you review blind; `detail` says which."),
    "404": _problem("There is no such dataset, entry or reviewer; `detail` names the datasets that there are."),
    "406": _problem("`Accept` allows none of the forms that there are."),
    "412": _problem("Your review is another one by now; `review` is it.", schemas.StaleProblem),
    "413": _problem("The body is larger than 1 MiB."),
    "415": _problem("The body is no `application/json`."),
    "422": _problem("A parameter, or its value, cannot be read; `errors` names what could be given."),
    "428": _problem("Neither `If-Match` nor `If-None-Match` says what this replaces."),
    "500": _problem("A fault of ours; `error_id` finds it in the log."),
}


def _operation(operation: Operation, groups: dict[str, list[Document]], known: Known) -> Document:
    taken = [_named(group, parameter) for group in operation.takes for parameter in groups[group]]
    problems = ["404"] * bool({SLUG, ENTRY_ID, SESSION_ID, REVIEWER_ID, ACTIVITY} & set(operation.takes))
    problems += ["406"] * operation.streams + ["422"] * bool(operation.takes)
    problems += ["412", "413", "415", "428"] * (operation.body is not None)
    kept = {"304": {"description": "What you have still holds.", "headers": _headers(operation, page=False)}}
    made = {"201": {**_answer(operation), "description": "There was none before."}}
    return {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_ref("parameters", name) for name in [*taken, *["If-None-Match"] * operation.is_kept]],
        **_body(operation),
        "responses": {
            "200": _answer(operation),
            **(made if operation.body else {}),
            **(kept if operation.is_kept else {}),
            **{status: _ref("responses", status) for status in ["401", "403", *sorted(problems), "500"]},
        },
        "x-codeSamples": _samples(operation, known),
    }


def _body(operation: Operation) -> Document:
    if operation.body is None:
        return {}
    schema = _ref("schemas", operation.body.__name__)
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": operation.body_example}}}}


def _answer(operation: Operation) -> Document:
    schema = _ref("schemas", operation.answer.__name__)
    content: Document = {JSON: {"schema": schema, "example": operation.example}}
    if operation.streams:
        line = f"One `{schemas.WholeEntry.__name__}` a line."
        content[NDJSON] = {"schema": {"type": "string", "description": line}}
    return {"description": operation.summary, "headers": _headers(operation), "content": content}


def _headers(operation: Operation, *, page: bool = True) -> Document:
    if not operation.is_kept:
        return {"ETag": _ref("headers", "Revision")}
    names = ["ETag", "Cache-Control", *(["Vary"] if operation.streams else [])]
    names += ["Link"] if operation.streams and page else []
    return {name: _ref("headers", name) for name in names}


def _samples(operation: Operation, known: Known) -> list[Document]:
    if SESSION_ID in operation.takes and known.session_id is None:
        return []
    if REVIEWER_ID in operation.takes and known.reviewer_id is None:
        return []
    path = PREFIX + operation.path.format(**vars(known))
    urls = [f"{known.base_url}{path}{'?' if query else ''}{query}" for query in operation.asked]
    asking = 'curl -H "Authorization: Bearer $TOKEN"' if known.is_team else "curl"
    if operation.body is not None:
        body = orjson.dumps(operation.body_example).decode()
        asking += f" -X PUT -H 'If-None-Match: *' -H 'Content-Type: {JSON}' -d '{body}'"
    sources = [f"{asking} '{url}'" for url in urls]
    if operation.streams:
        sources.append(f"{asking} -H 'Accept: {NDJSON}' '{known.base_url}{path}' > entries.ndjson")
    return [{"lang": "Shell", "label": "curl", "source": source} for source in sources]


def _schemas() -> Document:
    models: list[type[BaseModel]] = [
        *(operation.answer for operation in OPERATIONS),
        *(operation.body for operation in OPERATIONS if operation.body),
        schemas.Problem,
        schemas.StaleProblem,
    ]
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: Document = made["$defs"]
    return found
