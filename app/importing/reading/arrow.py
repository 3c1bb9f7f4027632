"""Arrow streams, as `datasets` saves them with `save_to_disk`.

An Arrow file is such a stream too, with a mark before it and a table of contents after it.
"""

from collections.abc import Iterator
from io import BufferedReader

import pyarrow as pa

from app.importing.reading.columnar import ROWS, ColumnarReader, refuse_large
from app.importing.reading.disk import DiskFile

_BUFFER = 1 << 18
_FILE_MARK = b"ARROW1\0\0"
_MESSAGE_MARK = b"\xff\xff\xff\xff"


class ArrowRows(ColumnarReader):
    def open(self) -> pa.Schema:
        self._bytes = _PieceByPiece(self.disk)
        self._is_file = self._bytes.peek(8).startswith(_FILE_MARK)
        if self._is_file:
            self._bytes.read(len(_FILE_MARK))
        elif not self._bytes.peek(4).startswith(_MESSAGE_MARK):
            raise ValueError("no Arrow stream")
        self._stream = pa.ipc.open_stream(pa.PythonFile(self._bytes, mode="r"))
        return self._stream.schema

    @property
    def bytes_read(self) -> int:
        return self.disk.bytes_read

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self._stream:
            for start in range(0, batch.num_rows, ROWS):
                yield batch.slice(start, ROWS)
        if not self._is_file and self._bytes.read(1):
            raise ValueError("a piece in the middle is damaged")


class _PieceByPiece(BufferedReader):
    """Refuses to hand out a record batch that is too large, before it is read."""

    def __init__(self, disk: DiskFile) -> None:
        super().__init__(disk, _BUFFER)
        self._path = disk.path

    def read(self, size: int | None = -1, /) -> bytes:
        refuse_large(self._path, "a record batch", size or 0)
        return super().read(size)
