"""Parquet, row group by row group."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from app.importing.reading.columnar import ROWS, ColumnarReader, refuse_large
from app.importing.reading.parquet_pages import page_sizes

_BUFFER = 1 << 18
_BATCH_BYTES = 16 * 1024 * 1024
_HARMLESS_CHUNK = 4 * 1024 * 1024  # of a column: its pages cannot be larger


class ParquetRows(ColumnarReader):
    def open(self) -> pa.Schema:
        # Reading ahead, and without a buffer, would hold a whole row group.
        self._file = pq.ParquetFile(self.path, pre_buffer=False, buffer_size=_BUFFER)
        self._rows = [self._batch_rows(group) for group in range(self._file.num_row_groups)]
        return self._file.schema_arrow

    @property
    def bytes_read(self) -> int:
        share = self.rows_read / max(1, self._file.metadata.num_rows)
        return int(self.disk.size * share)

    def batches(self) -> Iterator[pa.RecordBatch]:
        for group, rows in enumerate(self._rows):
            yield from self._file.iter_batches(rows, row_groups=[group], use_threads=False)

    def _batch_rows(self, group: int) -> int:
        """How many rows fit in memory together at the place where texts are longest; refuses what never fits."""
        metadata = self._file.metadata.row_group(group)
        per_row = 0
        with self.path.open("rb") as file:
            for index in range(metadata.num_columns):
                column = metadata.column(index)
                if column.total_uncompressed_size <= _HARMLESS_CHUNK:
                    continue
                start = column.dictionary_page_offset or column.data_page_offset
                sizes = page_sizes(file, start, column.total_compressed_size)
                refuse_large(self.path, f"a page of {column.path_in_schema}", sizes.largest)
                per_row += sizes.per_value
        return max(1, min(ROWS, _BATCH_BYTES // max(1, per_row)))

    def close(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        super().close()
