"""What a list shows, said in English."""

from collections.abc import Sequence

from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.searching.sentences import say_search


def describe(filters: Filters, facets: Sequence[Facet]) -> str:
    """The words after "214 of 83,400 entries"; empty when nothing is filtered."""
    parts = [
        facet.say(filters.chosen[facet.name], all_of=filters.narrows(facet.name))
        for facet in facets
        if facet.name in filters.chosen
    ]
    if lengths := say_lengths(filters.min_length, filters.max_length):
        parts.append(f"of {lengths}")
    search = filters.search
    if search is not None:
        parts += say_search(search)
    parts += [
        "without those " + facet.say(filters.excluded[facet.name]) for facet in facets if facet.name in filters.excluded
    ]
    return ", ".join(parts)


def say_lengths(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"{least:,} to {most:,} characters"
    if least is not None:
        return f"at least {least:,} characters"
    return f"at most {most:,} characters" if most is not None else ""
