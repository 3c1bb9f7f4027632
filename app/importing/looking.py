"""Which schema the files of a source have, by the first rows of each."""

from itertools import islice

from app.errors import InvalidInput
from app.importing.plans import Look
from app.importing.reading import open_reader
from app.importing.schemas import Layout, recognise

_ROWS_LOOKED_AT = 100  # of each file


def look_at(look: Look) -> Layout:
    """Raises InvalidInput or Failed, naming what is wrong with which file."""
    rows, is_typed = [], True
    for file in look.files:
        reader = open_reader(file.path, file.format, look.limits)
        is_typed = is_typed and reader.is_typed
        rows += [record.row for record in islice(reader, _ROWS_LOOKED_AT) if record.row is not None]
        reader.close()
    if not rows:
        raise InvalidInput(f"{look.location}: holds no row that can be read.", "source")
    return recognise(rows, look.columns, is_typed=is_typed, location=look.location)
