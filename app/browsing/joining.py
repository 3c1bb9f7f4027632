"""An entry joined with its responses, none, one or two of them: the one way to write it."""

from typing import TypeVarTuple

from sqlalchemy import Select
from sqlalchemy.orm import aliased

from app.models import Entry, Response

Columns = TypeVarTuple("Columns")

SIDES = (aliased(Response), aliased(Response))


def with_responses(statement: Select[*Columns]) -> Select[*Columns]:
    """Adds SIDES to a selection of entries: the columns of a response that an entry has not are None."""
    for position, side in enumerate(SIDES):
        statement = statement.outerjoin(side, (side.entry_id == Entry.id) & (side.position == position))
    return statement
