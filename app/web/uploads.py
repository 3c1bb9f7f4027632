"""Reads the form of an import while it comes in: a file goes straight to its place on the disk, never into memory.

Starlette's own reading would keep files in the machine's folder for temporary ones, which is often memory as well.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.errors import Failed, InvalidInput
from app.importing.uploads import can_be_read, new_upload_path, remove_upload

_MOST_PARTS = 40
_MOST_FIELD_BYTES = 64 * 1024


class UploadForm:
    """The fields of a multipart form, and the path of the one file that it may bring."""

    def __init__(self, uploads_dir: Path) -> None:
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self.path: Path | None = None  # None without a file, or of a format that we do not read
        self.is_whole = False
        self._uploads_dir = uploads_dir
        self._file: BinaryIO | None = None
        self._parts = 0
        self._header = (bytearray(), bytearray())
        self._options: dict[bytes, bytes] = {}
        self._data = bytearray()

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise InvalidInput(f"A form of an import has at most {_MOST_PARTS} fields.")
        self._options, self._data = {}, bytearray()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def on_header_end(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._options = parse_options_header(bytes(value))[1]
        self._header = (bytearray(), bytearray())

    def on_headers_finished(self) -> None:
        name = self._options.get(b"filename", b"").decode(errors="replace")
        if name and not self.file_name:
            self.file_name = name
            if can_be_read(name):
                self.path = new_upload_path(self._uploads_dir, name)
                self._file = self.path.open("wb")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A file of no known format, or a second one, is read past."""
        if self._file is not None:
            self._file.write(data[start:end])
        elif b"filename" not in self._options:
            self._data.extend(data[start:end])
            if len(self._data) > _MOST_FIELD_BYTES:
                raise InvalidInput("A field of this form is too long.")

    def on_part_end(self) -> None:
        if b"filename" in self._options:
            self.close()
        else:
            self.fields[self._options.get(b"name", b"").decode(errors="replace")] = self._data.decode(errors="replace")

    def on_end(self) -> None:
        self.is_whole = True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self) -> None:
        self.close()
        if self.path is not None:
            remove_upload(self.path)


async def read_upload_form(content_type: str | None, body: AsyncIterator[bytes], uploads_dir: Path) -> UploadForm:
    """Nothing is left on the disk when the body breaks off, is too large or no form."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise InvalidInput("Send this form as multipart/form-data.")
    form = UploadForm(uploads_dir)
    callbacks = {name: getattr(form, name) for name in dir(form) if name.startswith("on_")}
    with ExitStack() as unless_whole:
        unless_whole.callback(form.discard)
        try:
            parser = MultipartParser(options[b"boundary"], callbacks)  # type: ignore[arg-type]
            async for chunk in body:
                # In a thread: a disk may take its time, and others are being served.
                await run_in_threadpool(parser.write, chunk)
        except (FormParserError, ClientDisconnect):
            form.is_whole = False
        except OSError as error:
            raise Failed(f"What was sent could not be kept ({error.strerror}); nothing of it was.") from None
        if not form.is_whole:
            raise InvalidInput("This form broke off, so nothing was kept. Send it again.")
        unless_whole.pop_all()
    return form
