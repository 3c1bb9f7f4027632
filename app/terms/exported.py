"""How an export of entries is known when it comes back: by the columns added to its own, and by how its cells are kept
from being formulas.
"""

import re
from collections.abc import Container, Mapping
from typing import Any

# What an export adds to the columns of the source, under a prefix that keeps them apart.
ADDED = (
    "review_entry_id", "review_content_key", "review_split", "review_subset", "review_status", "review_count",
    "review_flagged", "review_verdicts",
)  # fmt: skip
GIVEN = "review_given_"  # before the name of a further column of the source, when that name is taken
_MARK = "review_content_key"  # a file with this column is an export of ours

# A spreadsheet takes a cell that begins with one of these for a formula. One that splits at semicolons takes our
# quotes, which come after a comma, for letters: to it a cell begins inside a text too, after `;`, a tab or a line end.
_FORMULA = r"""(?:^(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])(?=["']*[=+\-@]))"""
_BEFORE_FORMULA = re.compile(_FORMULA)
_GUARD = re.compile(_FORMULA.replace("(?=", "'(?="))


def is_export(columns: Container[str]) -> bool:
    return _MARK in columns


def without_added(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of the source alone."""
    if not is_export(row):
        return row
    return {name: row[name] for name in row if name not in ADDED and not name.startswith(GIVEN)}


def guarded(text: str) -> str:
    """With an apostrophe before what could be a formula, and before what already has one: so it can be taken off."""
    return _BEFORE_FORMULA.sub("'", text)


def unguarded(cell: str) -> str:
    return _GUARD.sub("", cell)
