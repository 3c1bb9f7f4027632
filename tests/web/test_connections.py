"""On real sockets: who sends too much, too slowly or nonsense is cut off, and everybody else is served meanwhile."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvicorn

from app.main import create_app
from app.settings import Settings
from app.web.connections import BoundedConnection

Address = tuple[str, int]


class Hasty(BoundedConnection):
    seconds_for_head = 0.5
    seconds_for_reading = 0.5
    most_connections = 20


@pytest.fixture
def address(settings: Settings) -> Iterator[Address]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    config = uvicorn.Config(create_app(settings), http=Hasty, ws="none", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def ask(address: Address, *parts: bytes, pause: float = 0) -> str:
    """All that is answered until the other side closes, or nothing when it resets."""
    with socket.create_connection(address, timeout=10) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        except OSError:
            pass
        return read(connection)


def read(connection: socket.socket) -> str:
    answer = b""
    try:
        while found := connection.recv(65536):
            answer += found
    except ConnectionError:
        pass
    return answer.decode()


def get(path: str = "/healthz", *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines, "", ""]).encode()


def post(*lines: str) -> bytes:
    return get("/texts", "Content-Type: application/x-www-form-urlencoded", *lines, method="POST")


TOO_MUCH = {
    "many headers": (431, [get("/healthz", *(f"X-{n}: x" for n in range(101)))]),
    "large headers": (431, [get("/healthz", *(f"X-{n}: {'x' * 8000}" for n in range(5)))]),
    "a header without end": (431, [get()[:-2] + b"X-Endless: ", *[b"x" * 20_000] * 4]),
    "a long address": (414, [get("/healthz?" + "x" * 9000)]),
    "an address without end": (414, [b"GET /", *[b"x" * 20_000] * 4]),
    "another host in the address": (400, [get("http://evil.example/healthz")]),
    "no path": (400, [get("http://127.0.0.1")]),
    "an authority": (400, [b"CONNECT evil.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]),
    "two hosts": (400, [get("/healthz", "Host: evil.example")]),
    "two lengths": (400, [post("Content-Length: 0", "Content-Length: 5")]),
    "a length and chunks": (400, [post("Content-Length: 5", "Transfer-Encoding: chunked"), b"0\r\n\r\n"]),
    "no HTTP": (400, [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"]),
    "a compressed form": (415, [post("Content-Encoding: gzip", "Content-Length: 0")]),
}


def test_too_much_or_nonsense_is_refused(address: Address) -> None:
    assert ask(address, get("http://127.0.0.1/healthz")).startswith("HTTP/1.1 200")
    for name, (status, parts) in TOO_MUCH.items():
        answer = ask(address, *parts)
        assert answer.startswith(f"HTTP/1.1 {status} "), (name, answer[:200])
        assert "content-security-policy: default-src 'none'" in answer, name
        assert "x-content-type-options: nosniff" in answer, name


def test_slow_senders_are_cut_off(address: Address) -> None:
    form = post("Content-Length: 9")
    chunked = post("Transfer-Encoding: chunked")
    assert ask(address, form, b"shown=yes").startswith("HTTP/1.1 303")
    assert ask(address, form, b"shown", b"=yes", pause=0.1).startswith("HTTP/1.1 303")
    assert ask(address, get()[:30]).startswith("HTTP/1.1 408")
    assert ask(address, b"") == ""
    for body in ([b"s"], [b"s"] * 8):
        assert ask(address, form, *body, pause=0.2) == ""
    assert ask(address, chunked, b"1\r\ns\r\n0\r\n", *[b"X-Trailer: x\r\n"] * 101) == ""
    assert ask(address, chunked, b"1;", *[b"x" * 20_000] * 3) == ""


def test_steady_sender_and_reader_take_their_time(address: Address) -> None:
    assert ask(address, post("Content-Length: 40009"), *[b"x" * 10_000] * 4, b"&shown=no", pause=0.25)[9:12] == "303"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect(address)
        connection.sendall(get("/static/app.css").replace(b"Connection: close\r\n", b"") * 3 + get())
        time.sleep(0.25)
        assert read(connection).count("HTTP/1.1 200") == 4
    again = get().replace(b"Connection: close\r\n", b"")
    assert ask(address, again, again, get(), pause=0.1).count("HTTP/1.1 200") == 3


def test_trailers_are_no_headers(address: Address) -> None:
    answer = ask(
        address, post("Transfer-Encoding: chunked"), b"9\r\nshown=yes\r\n0\r\nOrigin: http://evil.example\r\n\r\n"
    )
    assert answer.startswith("HTTP/1.1 303")


def test_slow_reader_is_cut_off(address: Address) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect(address)
        connection.sendall(get("/static/app.css").replace(b"Connection: close\r\n", b"") * 50)
        time.sleep(1.5)
        assert len(read(connection)) < 1_000_000  # of several millions


def test_idle_connections_shut_nobody_out(address: Address) -> None:
    with ExitStack() as opened:
        idle = [opened.enter_context(socket.create_connection(address, timeout=10)) for _ in range(30)]
        assert ask(address, get()).startswith("HTTP/1.1 200")
        assert read(idle[0]) == ""
