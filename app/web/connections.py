"""What one connection may cost: how much it sends before there is a request, how slowly, and how long it may idle.

uvicorn bounds neither the bytes of a head nor the time it takes, and on whoever reads an answer slowly it waits for
good, with what the answer holds (a transaction, a place among the readers).
"""

import asyncio
from typing import Any, ClassVar, Literal

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.web.headers import raw_headers

_HEADERS = b"".join(name + b": " + value + b"\r\n" for name, value in raw_headers(is_https=False))


class BoundedConnection(HttpToolsProtocol):
    most_head_bytes: ClassVar = 32 * 1024
    most_headers: ClassVar = 100
    most_address_bytes: ClassVar = 8 * 1024
    most_connections: ClassVar = 500
    seconds_for_head: ClassVar[float] = 10
    least_body_bytes: ClassVar = 4096  # in as many seconds as a head may take
    seconds_for_reading: ClassVar[float] = 60

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.opened_at = self.loop.time()
        self._part: Literal["nothing", "head", "body"] = "nothing"
        self._refusal: tuple[int, str] | None = None
        self._header_count = self._header_bytes = self._body_bytes = 0
        self._unheard_bytes = 0  # of a header, a trailer or a chunk's extension that does not end
        self._slow_sender: asyncio.TimerHandle | None = None
        self._slow_reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_sender()
        if len(self.connections) > self.most_connections:
            _make_room(self.connections, self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_sender()
        self._forget_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._slow_sender is None:
            self._watch_sender()
        self._unheard_bytes += len(data)
        super().data_received(data)
        if self._unheard_bytes > self.most_head_bytes and self._refusal is None:
            self._refuse(431, "The headers are too large.")
            self.send_400_response()

    def on_message_begin(self) -> None:
        self._part = "head"
        self._header_count = self._header_bytes = self._body_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.most_address_bytes:
            raise self._refuse(414, "The address is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._header_bytes += len(name) + len(value)
        if self._header_count > self.most_headers or self._header_bytes > self.most_head_bytes:
            raise self._refuse(431, "The headers are too large.")
        if self._part == "head":  # what follows a body came after everything was decided
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        hosts = [value for name, value in self.headers if name == b"host"]
        if not self.url.startswith(b"/") and not _names_host(self.url, hosts):
            raise self._refuse(400, "The address and the Host header name different hosts.")
        self._part, self._unheard_bytes = "body", 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._unheard_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._part, self._unheard_bytes = "nothing", 0
        self._forget_sender()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._slow_reader = self.loop.call_later(self.seconds_for_reading, self.transport.abort)

    def resume_writing(self) -> None:
        self._forget_reader()
        super().resume_writing()

    def send_400_response(self, msg: str = "") -> None:
        """Also for the other refusals. They have no id: there is no request yet."""
        if self._refusal is None:
            self._refuse(400, msg)
        if self._part == "body" and not self.is_idle:
            self.transport.abort()  # an answer of the application may be under way
            return
        status, sentence = self._refusal or (400, msg)
        about = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n" % len(
            sentence
        )
        self.transport.write(STATUS_LINE[status] + _HEADERS + about + b"\r\n" + sentence.encode())
        self.transport.close()

    def _refuse(self, status: int, sentence: str) -> ValueError:
        """To be raised inside the parser, which ends in `send_400_response`."""
        self._refusal = (status, sentence)
        return ValueError(sentence)

    def _watch_sender(self) -> None:
        self._slow_sender = self.loop.call_later(self.seconds_for_head, self._look_at_sender)

    def _forget_sender(self) -> None:
        if self._slow_sender is not None:
            self._slow_sender.cancel()
            self._slow_sender = None

    def _forget_reader(self) -> None:
        if self._slow_reader is not None:
            self._slow_reader.cancel()
            self._slow_reader = None

    def _look_at_sender(self) -> None:
        waits_for_us = self.flow.read_paused or (self.cycle is not None and self.cycle.waiting_for_100_continue)
        if self._part == "body" and (waits_for_us or self._body_bytes >= self.least_body_bytes):
            self._body_bytes = 0
            self._watch_sender()
        elif self._part == "nothing":
            self.transport.close()
        else:
            self._refuse(408, "This took too long to arrive.")
            self.send_400_response()

    @property
    def is_idle(self) -> bool:
        """It waits for no answer."""
        return self.cycle is None or self.cycle.response_complete


def _make_room(connections: Any, newest: BoundedConnection) -> None:
    """Whoever asks for nothing goes, the oldest first; who waits for an answer never does."""
    idle = (one for one in connections if one is not newest and one.is_idle)
    min(idle, key=lambda one: one.opened_at, default=newest).transport.abort()


def _names_host(address: bytes, hosts: list[bytes]) -> bool:
    """An address may be written with its host; that one counts, so it must be the one that is checked."""
    scheme, separator, rest = address.partition(b"://")
    return bool(separator) and scheme.lower() in (b"http", b"https") and [rest.split(b"/")[0]] == hosts
