"""Keep-alive connections over plain sockets, as many at once as asked for, and how long each answer took."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One browser tab: cookies are given, answers are asked for compressed, nothing is cached."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def renew(self) -> None:
        """The server hangs up on who says nothing for five seconds."""
        self.close()
        self.socket = self._open()

    def get(self, path: str, *, compressed: bool = True) -> Answer:
        return self._ask(f"GET {path}", None, "Accept-Encoding: gzip" if compressed else "")

    def post(self, path: str, form: Iterable[tuple[str, str]], *, accept: str = "") -> Answer:
        return self._ask(f"POST {path}", form, f"Accept: {accept}" if accept else "Accept-Encoding: gzip")

    def put(self, path: str, form: Iterable[tuple[str, str]]) -> Answer:
        return self._ask(f"PUT {path}", form)

    def _ask(self, request: str, form: Iterable[tuple[str, str]] | None, header: str = "") -> Answer:
        lines = [f"{request} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *filter(None, [header])]
        body = "" if form is None else urlencode(list(form))
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        self.socket.sendall("\r\n".join([*lines, "", body]).encode())
        return self._read()

    def _read(self) -> Answer:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        parts, missing = [body], int(headers.get("content-length", 0)) - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return Answer(int(first.split()[1]), headers, b"".join(parts))

    def _receive(self) -> bytes:
        received = self.socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server hung up")
        return received

    def close(self) -> None:
        self.socket.close()


@dataclass
class Timings:
    """Milliseconds of each answer, and the server's processor time for one."""

    each: list[float] = field(default_factory=list)
    cpu: float = 0.0
    seconds: float = 0.0

    @property
    def p50(self) -> float:
        return median(self.each)

    @property
    def p95(self) -> float:
        return quantiles(self.each, n=20)[-1]

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds


Task = Callable[[Connection], None]


def measure(connections: Sequence[Connection], tasks: Sequence[Task], cpu: Callable[[], float]) -> Timings:
    """Deals the tasks out over the connections, each of which does its share one after the other."""
    timings, failures = Timings(), []

    def work(connection: Connection, share: Sequence[Task]) -> None:
        try:
            for task in share:
                started = time.perf_counter()
                task(connection)
                timings.each.append(1000 * (time.perf_counter() - started))
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            failures.append(error)

    count = len(connections)
    shares = [(connection, tasks[place::count]) for place, connection in enumerate(connections)]
    for connection in connections:
        connection.renew()
        connection.get("/healthz")  # whoever accepts a burst of connections takes all of them: people come one by one
    threads = [threading.Thread(target=work, args=share) for share in shares]
    before, started = cpu(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    timings.seconds = time.perf_counter() - started
    timings.cpu = 1000 * (cpu() - before) / len(timings.each)
    return timings
