"""The OpenAPI document as a page shows it: references followed, types in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app.api.conditional import JSON

Document = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    value: str
    words: str


@dataclass(frozen=True)
class ShownParameter:
    name: str
    place: str  # path, query, header
    type: str
    description: str
    default: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class ShownOperation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[ShownParameter, ...]  # but those that exclude
    excluding: tuple[str, ...]
    samples: tuple[str, ...]
    body: str  # its model, "" for none
    model: str
    example: str
    statuses: tuple[Choice, ...]


@dataclass(frozen=True)
class ShownField:
    name: str
    type: str
    description: str


@dataclass(frozen=True)
class ShownModel:
    name: str
    description: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True)
class Reference:
    title: str
    version: str
    about: str
    base_url: str
    operations: tuple[ShownOperation, ...]
    models: tuple[ShownModel, ...]


def reference_of(document: Document) -> Reference:
    found = document["components"]
    return Reference(
        document["info"]["title"],
        document["info"]["version"],
        document["info"]["description"],
        document["servers"][0]["url"],
        tuple(
            _operation(method, path, operation, found)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ),
        tuple(_model(name, schema) for name, schema in found["schemas"].items()),
    )


def _operation(method: str, path: str, operation: Document, found: Document) -> ShownOperation:
    parameters = [found["parameters"][_named(parameter)] for parameter in operation["parameters"]]
    answer = operation["responses"]["200"]["content"][JSON]
    shown = [p for p in parameters if not p["name"].startswith("not_")]
    return ShownOperation(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation["description"],
        tuple(map(_parameter, shown)),
        tuple(p["name"] for p in parameters if p not in shown),
        tuple(sample["source"] for sample in operation["x-codeSamples"]),
        _named(operation["requestBody"]["content"][JSON]["schema"]) if "requestBody" in operation else "",
        _named(answer["schema"]),
        orjson.dumps(answer["example"], option=orjson.OPT_INDENT_2).decode(),
        tuple(_statuses(operation["responses"], found["responses"])),
    )


def _statuses(responses: Document, found: Document) -> Iterator[Choice]:
    for status, response in responses.items():
        yield Choice(status, found[status]["description"] if "$ref" in response else response["description"])


def _parameter(parameter: Document) -> ShownParameter:
    schema = parameter["schema"]
    values = schema.get("items", schema).get("enum", [])
    words = parameter.get("x-enum-descriptions", [""] * len(values))
    return ShownParameter(
        parameter["name"],
        parameter["in"],
        _type(schema) + _bounds(schema),
        parameter["description"],
        str(schema.get("default", "")),
        tuple(Choice(value, said if said != value else "") for value, said in zip(values, words, strict=True)),
    )


def _bounds(schema: Document) -> str:
    if "minimum" not in schema:
        return ""
    return (
        f", {schema['minimum']:,} to {schema['maximum']:,}"
        if "maximum" in schema
        else f", {schema['minimum']:,} or more"
    )


def _model(name: str, schema: Document) -> ShownModel:
    fields = (
        ShownField(field, _type(about), about.get("description", "")) for field, about in schema["properties"].items()
    )
    return ShownModel(name, schema.get("description", ""), tuple(fields))


def _type(schema: Document) -> str:
    if "$ref" in schema:
        return _named(schema)
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_several(schema['items'])}"
    if kind == "object" and isinstance(of := schema.get("additionalProperties"), dict):
        return f"object of {_several(of)}"
    return _WORDS.get(schema.get("format", kind), kind)


def _several(schema: Document) -> str:
    kind = _type(schema)
    return f"{kind}s" if kind in ("string", "whole number") else kind


_WORDS = {"date-time": "time", "integer": "whole number", "boolean": "true or false"}


def _named(reference: Document) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]
