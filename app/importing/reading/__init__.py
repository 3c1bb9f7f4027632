"""Files of any format to records. Knows nothing of datasets, schemas or the database."""

from pathlib import Path

from app.errors import InvalidInput
from app.importing.reading.contents import HEAD_BYTES, is_json_array, is_spread_object, refuse_what_is_no_text
from app.importing.reading.csv_rows import CsvRows
from app.importing.reading.formats import format_of, known_format
from app.importing.reading.json_array import JsonArray
from app.importing.reading.json_lines import JsonLines
from app.importing.reading.records import Limits, Reader, Record, raw_of
from app.importing.reading.text import TextFile

__all__ = ["Limits", "Reader", "Record", "format_of", "open_reader", "raw_of"]

_DELIMITERS = {"csv": ",", "tsv": "\t"}


def open_reader(path: Path, file_format: str, limits: Limits) -> Reader:
    """Raises Failed or InvalidInput naming the file when it is not of this format, or not to be read at all."""
    if known_format(file_format) in ("parquet", "arrow"):
        return _read_columns(path, file_format, limits)
    text = TextFile(path, limits)
    try:
        head = text.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        refuse_what_is_no_text(path, head)
        if file_format in _DELIMITERS:
            return CsvRows(text, _DELIMITERS[file_format])
        return _read_json(text, head, file_format)
    except BaseException:
        text.disk.close()
        raise


def _read_json(text: TextFile, head: bytes, file_format: str) -> Reader:
    """Files of both kinds are called .json, and some arrays .jsonl."""
    if is_json_array(head, file_format):
        return JsonArray(text)
    if is_spread_object(head):
        raise InvalidInput(f"{text.path}: is one JSON object; needed is a row a line, or an array of rows.", "source")
    return JsonLines(text)


def _read_columns(path: Path, file_format: str, limits: Limits) -> Reader:
    """Imported when needed: pyarrow takes 60 MB."""
    if file_format == "parquet":
        from app.importing.reading.parquet import ParquetRows

        return ParquetRows(path, limits)
    from app.importing.reading.arrow import ArrowRows

    return ArrowRows(path, limits)
