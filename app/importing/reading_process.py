"""Reads a large source in a process of its own, so that one core checks and hashes rows while the other writes them.

The process is this module. It gets the plan as JSON on stdin and answers on stdout with frames: the length of what
follows, and a value written by `marshal`, which knows plain values only and, unlike pickle, can make nothing else of
what it reads. Killed or out of memory, it takes nothing with it: what was written before stays.
"""

import fcntl
import marshal
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import orjson

from app.errors import Failed, InvalidInput, ReviewError
from app.importing.batches import Batch, ReadRow, RejectedRead, read_batches
from app.importing.looking import look_at
from app.importing.plans import Look, ReadingPlan, are_texts, layout_from_json, layout_to_json
from app.importing.schemas import Layout

# A smaller source of texts is read sooner than a process starts.
SMALL_BYTES = 4 * 1024 * 1024
_PIPE_BYTES = 1024 * 1024
_LENGTH = struct.Struct("<Q")
_ERRORS: dict[str, type[ReviewError]] = {"Failed": Failed, "InvalidInput": InvalidInput}


def recognised(look: Look) -> Layout:
    """The layout of the files' rows; raises InvalidInput or Failed, naming what is wrong with which file."""
    if are_texts(look.files):
        return look_at(look)
    with _process("look", look.to_json()) as process:
        return layout_from_json(orjson.loads(next(_answers(process))))


@contextmanager
def reading(plan: ReadingPlan) -> Iterator[Iterator[Batch]]:
    """The plan's batches, from a process of their own where that pays; it ends with the block."""
    if are_texts(plan.files) and plan.bytes_total < SMALL_BYTES:
        yield read_batches(plan)
        return
    with _process("read", plan.to_json()) as process:
        yield map(_to_batch, _answers(process))


_started: list[subprocess.Popen[bytes]] = []


def warm_up() -> None:
    """Starts the first process now, while there is something else to do."""
    _started.append(_start())


def _start() -> subprocess.Popen[bytes]:
    # -P: nothing in the working directory is taken for a part of ours.
    command = [sys.executable, "-P", "-m", "app.importing.reading_process"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603


@contextmanager
def _process(task: str, plan: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    with _started.pop() if _started else _start() as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        _enlarge(process.stdout)
        process.stdin.write(orjson.dumps({"task": task, "plan": plan}))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def _answers(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    while True:
        kind, value = _receive(process)
        if kind == "answer":
            yield value
        elif kind == "end":
            return
        else:
            raise _ERRORS.get(kind, Failed)(value)


def _enlarge(pipe: Any) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _receive(process: subprocess.Popen[bytes]) -> tuple[str, Any]:
    assert process.stdout is not None  # noqa: S101
    head = process.stdout.read(_LENGTH.size)
    (length,) = _LENGTH.unpack(head) if len(head) == _LENGTH.size else (0,)
    body = process.stdout.read(length)
    if not body or len(body) < length:  # it may have been killed in the middle of writing
        raise Failed(f"The process that reads the source ended before its time (exit code {process.wait()}).")
    kind, value = marshal.loads(body)  # nosec B302 # noqa: S302 - from our own process
    return kind, value


def _to_batch(value: Any) -> Batch:
    rows, bad, warnings, files, bytes_read = value
    return Batch(
        [ReadRow._make(row) for row in rows],
        [RejectedRead(*one) for one in bad],
        Counter(warnings),
        files,
        bytes_read,
    )


def _plain(batch: Batch) -> tuple[Any, ...]:
    return (
        list(map(tuple, batch.rows)),
        list(map(tuple, batch.bad)),
        dict(batch.warnings),
        batch.files,
        batch.bytes_read,
    )


def _send(pipe: BinaryIO, kind: str, value: Any) -> None:
    body = marshal.dumps((kind, value))
    pipe.write(_LENGTH.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def _work(asked: dict[str, Any]) -> Iterator[Any]:
    if asked["task"] == "look":
        yield orjson.dumps(layout_to_json(look_at(Look.from_json(asked["plan"]))))
    else:
        yield from map(_plain, read_batches(ReadingPlan.from_json(asked["plan"])))


def main() -> None:
    pipe, asked = sys.stdout.buffer, sys.stdin.buffer.read()
    if not asked:  # it was not needed
        return
    try:
        for answer in _work(orjson.loads(asked)):
            _send(pipe, "answer", answer)
        _send(pipe, "end", None)
    except ReviewError as error:
        _send(pipe, type(error).__name__, error.message)
    except BrokenPipeError:  # the import that asked is gone
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - what it says may quote a text, so only its kind is told
        _send(pipe, Failed.__name__, f"The source could not be read on: {type(error).__name__}.")


if __name__ == "__main__":
    main()
