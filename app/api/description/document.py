"""The OpenAPI document, made for the datasets that are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api import schemas
from app.api.conditional import JSON, NDJSON, PRODUCT_VERSION
from app.api.description import examples, parameters
from app.api.description.operations import AXES, BROWSE, ENTRY_ID, OPERATIONS, PLACES, SLUG, Operation
from app.api.description.words import ABOUT, TAGS
from app.browsing.facets import Facet

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


def openapi_document(known: Known) -> Document:
    groups = _groups(known)
    shared = [p for name in (SLUG, ENTRY_ID, BROWSE, PLACES, AXES) for p in groups[name]] + [_IF_NONE_MATCH]
    return {
        "openapi": "3.1.0",
        "info": {"title": "SafeRLHF Review", "version": PRODUCT_VERSION, "description": ABOUT},
        "servers": [{"url": known.base_url}],
        "tags": TAGS,
        "paths": {PREFIX + o.path: {"get": _operation(o, groups, known)} for o in OPERATIONS},
        "components": {
            "schemas": _schemas(),
            "parameters": {parameter["name"]: parameter for parameter in shared},
            "headers": _HEADERS,
            "responses": _PROBLEMS,
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
    }


def _in_path(name: str, description: str, schema: Document, example: Any) -> Document:
    path = {"name": name, "in": "path", "required": True}
    return {**path, "description": description, "schema": schema, "example": example}


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


def _problem(description: str) -> Document:
    content = {PROBLEM_JSON: {"schema": _ref("schemas", "Problem"), "example": examples.PROBLEM}}
    return {"description": description, "content": content}


_PROBLEMS = {
    "404": _problem("There is no such dataset or entry; `detail` names the datasets that there are."),
    "406": _problem("`Accept` allows none of the forms that there are."),
    "422": _problem("A parameter, or its value, cannot be read; `errors` names what could be given."),
    "500": _problem("A fault of ours; `error_id` finds it in the log."),
}


def _operation(operation: Operation, groups: dict[str, list[Document]], known: Known) -> Document:
    taken = [parameter["name"] for group in operation.takes for parameter in groups[group]]
    problems = ["404"] * (SLUG in operation.takes or ENTRY_ID in operation.takes)
    problems += ["406"] * operation.streams + ["422"] * bool(operation.takes) + ["500"]
    return {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_ref("parameters", name) for name in [*taken, "If-None-Match"]],
        "responses": {
            "200": _answer(operation),
            "304": {"description": "What you have still holds.", "headers": _headers(operation, page=False)},
            **{status: _ref("responses", status) for status in problems},
        },
        "x-codeSamples": _samples(operation, known),
    }


def _answer(operation: Operation) -> Document:
    schema = _ref("schemas", operation.answer.__name__)
    content: Document = {JSON: {"schema": schema, "example": operation.example}}
    if operation.streams:
        line = f"One `{schemas.WholeEntry.__name__}` a line."
        content[NDJSON] = {"schema": {"type": "string", "description": line}}
    return {"description": operation.summary, "headers": _headers(operation), "content": content}


def _headers(operation: Operation, *, page: bool = True) -> Document:
    names = ["ETag", "Cache-Control", *(["Vary"] if operation.streams else [])]
    names += ["Link"] if operation.streams and page else []
    return {name: _ref("headers", name) for name in names}


def _samples(operation: Operation, known: Known) -> list[Document]:
    path = PREFIX + operation.path.format(slug=known.slug, entry_id=known.entry_id)
    urls = [f"{known.base_url}{path}{'?' if query else ''}{query}" for query in operation.asked]
    sources = [f"curl '{url}'" for url in urls]
    if operation.streams:
        sources.append(f"curl -H 'Accept: {NDJSON}' '{known.base_url}{path}' > entries.ndjson")
    return [{"lang": "Shell", "label": "curl", "source": source} for source in sources]


def _schemas() -> Document:
    models: list[type[BaseModel]] = [*(operation.answer for operation in OPERATIONS), schemas.Problem]
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: Document = made["$defs"]
    return found
