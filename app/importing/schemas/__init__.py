"""From the columns and values of any member of the dataset family to what is stored; pure, knows no database."""

from app.importing.schemas.columns import parse_columns
from app.importing.schemas.layout import Layout
from app.importing.schemas.recognition import recognise
from app.importing.schemas.rows import BadRow, MappedResponse, MappedRow

__all__ = ["BadRow", "Layout", "MappedResponse", "MappedRow", "parse_columns", "recognise"]
