"""Exports that need what the server never loads are written by the command in a process of its own, and passed on."""

import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import urlencode

import anyio
from anyio.abc import Process
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.errors import Busy, Failed

log = logging.getLogger(__name__)
_AT_ONCE = 2  # of this server process; each takes a core and some hundred MB
_free = BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True)
class ExportProcess:
    database_path: Path
    slug: str
    what: str
    format_name: str
    pairs: Sequence[tuple[str, str]]

    async def start(self) -> Process:
        # -P: nothing in the working directory is taken for a part of ours.
        command = [sys.executable, "-P", "-m", "app", "export", self.slug, "--what", self.what]
        command += ["--format", self.format_name, f"--filter={urlencode(self.pairs)}", "--output", "-", "--recorded"]
        database_url = f"sqlite:///{self.database_path.absolute()}"
        return await anyio.open_process(
            command,
            env={**os.environ, "SAFERLHF_REVIEW_DATABASE_URL": database_url},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C in the terminal is for the server, which then ends its answers
        )


class PipedResponse(StreamingResponse):
    """Passes on what the process writes. It ends with the answer, and an answer whose process failed breaks off."""

    def __init__(self, export: ExportProcess, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__((), media_type=media_type, headers=headers)
        self._export = export
        self._client_left = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _free.acquire(blocking=False):
            raise Busy(f"{_AT_ONCE} files are being written already. Try again when one of them is done.")
        try:
            async with await self._export.start() as process:
                try:
                    pieces = self._pieces(process)
                    first = await self._first(pieces, receive, process)
                    if not self._client_left:
                        self.body_iterator = _following(first, pieces)
                        await super().__call__(scope, receive, send)
                finally:
                    with suppress(ProcessLookupError):
                        process.kill()
        finally:
            _free.release()

    async def _first(self, pieces: AsyncIterator[bytes], receive: Receive, process: Process) -> bytes:
        """The answer waits for it, so that a process that fails at once can be told on a page."""
        first: bytes | Failed
        async with anyio.create_task_group() as tasks:
            listening = anyio.CancelScope()

            async def listen() -> None:
                with listening:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    self._client_left = True
                    process.kill()

            tasks.start_soon(listen)
            try:
                first = await anext(pieces, b"")
            except Failed as error:  # raised here, it would come out as one of a group
                first = error
            listening.cancel()
        if isinstance(first, Failed):
            raise first
        return first

    async def _pieces(self, process: Process) -> AsyncIterator[bytes]:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
        async for piece in process.stdout:
            yield piece
        said = b"".join([piece async for piece in process.stderr])
        code = await process.wait()
        if code and not self._client_left:
            log.error("an export ended with exit code %d: %s", code, _plain(said))
            raise Failed("The file could not be written; the log says why.")


async def _following(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


def _plain(said: bytes) -> str:
    """The command's one line; a traceback may quote a text of the dataset."""
    lines = said.decode(errors="replace").splitlines()
    last = lines[-1] if lines else ""
    return last if last.startswith("saferlhf-review: ") else "it did not say why"
