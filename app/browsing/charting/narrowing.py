"""A list of entries narrowed by one value more: where a number of a chart leads."""

from dataclasses import replace

from app.browsing.filters import Filters


def narrow(filters: Filters, facet: str, value: str) -> Filters | None:
    """The entries that pass the filters and have the value too; None where no query string says that.

    Of a facet whose entries have one value each, this may also be called with a value that the filters do not let
    through: then there are no such entries, and None is fine.
    """
    chosen = filters.chosen.get(facet, ())
    if not chosen:
        return _with(filters, facet, (value,))
    if value in chosen:  # of "a or b", and b: b
        return filters if filters.narrows(facet) else _with(filters, facet, (value,))
    if facet == "category" and (len(chosen) == 1 or filters.all_categories):
        return replace(_with(filters, facet, (*chosen, value)), all_categories=True)
    return None


def _with(filters: Filters, facet: str, values: tuple[str, ...]) -> Filters:
    return replace(filters, chosen={**filters.chosen, facet: values})


def narrow_lengths(filters: Filters, least: int | None, most: int | None) -> Filters:
    """To entries with so many characters, within what the filters let through."""
    lower = [length for length in (filters.min_length, least) if length is not None]
    upper = [length for length in (filters.max_length, most) if length is not None]
    return replace(filters, min_length=max(lower, default=None), max_length=min(upper, default=None))
