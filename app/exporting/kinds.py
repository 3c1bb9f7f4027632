"""What a column holds, known before the first row is written: types are never guessed from some of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_DEEPEST, _MOST_FIELDS = 8, 200
_INT64 = 2**63


class Plain(Enum):
    NOTHING = "nothing"  # only nulls, so far
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ANY = "any"  # now this, now that: JSON where a column has one type


@dataclass(frozen=True)
class ListOf:
    items: "Kind"


@dataclass(frozen=True)
class ObjectOf:
    fields: Mapping[str, "Kind"]


Kind = Plain | ListOf | ObjectOf
_NUMBERS = (Plain.INTEGER, Plain.NUMBER)
_BY_TYPE = {type(None): Plain.NOTHING, bool: Plain.BOOLEAN, float: Plain.NUMBER, str: Plain.TEXT}


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind


def kind_of(value: Any, depth: int = 0) -> Kind:
    """Of a value that came as JSON."""
    if depth > _DEEPEST:
        return Plain.ANY
    if isinstance(value, list):
        items: Kind = Plain.NOTHING
        for item in value:
            items = joined(items, kind_of(item, depth + 1))
        return _unless_any(ListOf(items))
    if isinstance(value, dict):
        return _unless_any(ObjectOf({name: kind_of(item, depth + 1) for name, item in value.items()}))
    if isinstance(value, int) and not isinstance(value, bool):
        return Plain.INTEGER if -_INT64 <= value < _INT64 else Plain.ANY
    return _BY_TYPE[type(value)]


def joined(one: Kind, other: Kind) -> Kind:
    """What holds values of both."""
    if one == other or other is Plain.NOTHING:
        return one
    if one is Plain.NOTHING:
        return other
    if one in _NUMBERS and other in _NUMBERS:
        return Plain.NUMBER
    if isinstance(one, ListOf) and isinstance(other, ListOf):
        return _unless_any(ListOf(joined(one.items, other.items)))
    if isinstance(one, ObjectOf) and isinstance(other, ObjectOf):
        names = dict.fromkeys([*one.fields, *other.fields])
        nothing = Plain.NOTHING
        fields = {name: joined(one.fields.get(name, nothing), other.fields.get(name, nothing)) for name in names}
        return _unless_any(ObjectOf(fields))
    return Plain.ANY


def _unless_any(kind: ListOf | ObjectOf) -> Kind:
    if isinstance(kind, ListOf):
        return Plain.ANY if kind.items is Plain.ANY else kind
    usual = 0 < len(kind.fields) <= _MOST_FIELDS and Plain.ANY not in kind.fields.values()
    return kind if usual else Plain.ANY
