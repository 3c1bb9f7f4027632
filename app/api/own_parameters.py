"""Parameters that the API has beside those of the pages, and those that mean nothing to some answers."""

from collections.abc import Collection, Mapping, Sequence

from app.errors import InvalidInput

Pairs = list[tuple[str, str]]
TEXTS = ("beginning", "whole")


def taken_out(pairs: Pairs, names: Collection[str]) -> tuple[dict[str, str], Pairs]:
    """The parameters of these names, each given once, and the rest. An empty value is none."""
    taken: dict[str, str] = {}
    for name, value in pairs:
        if name in names and value:
            if name in taken:
                raise InvalidInput(f"{name} can be given once only.", name)
            taken[name] = value
    return taken, [(name, value) for name, value in pairs if name not in names]


def chosen(given: Mapping[str, str], name: str, valid: Sequence[str]) -> str:
    """The first of the valid ones is the default."""
    value = given.get(name, valid[0])
    if value not in valid:
        raise InvalidInput(f"{value[:60]!r} is no value of {name}. Valid are: {', '.join(valid)}.", name, valid)
    return value


def refuse(pairs: Pairs, names: Collection[str], because: str) -> None:
    for name, _ in pairs:
        if name in names:
            raise InvalidInput(f"{name} means nothing here: {because}.", name)


def refuse_unknown(pairs: Pairs, valid: Sequence[str]) -> None:
    for name, _ in pairs:
        raise InvalidInput(f"There is no parameter {name[:60]!r} here. Valid are: {', '.join(valid)}.", name, valid)
