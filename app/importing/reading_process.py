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
from app.importing.batches import Batch, ReadResponse, ReadRow, RejectedRead, read_batches
from app.importing.plans import ReadingPlan

# A smaller source of texts is read sooner than a process starts.
SMALL_BYTES = 4 * 1024 * 1024
_PIPE_BYTES = 1024 * 1024
_LENGTH = struct.Struct("<Q")
_ERRORS: dict[str, type[ReviewError]] = {"Failed": Failed, "InvalidInput": InvalidInput}


@contextmanager
def reading(plan: ReadingPlan) -> Iterator[Iterator[Batch]]:
    """The plan's batches, from a process of their own where that pays; it ends with the block."""
    if plan.is_text and plan.bytes_total < SMALL_BYTES:
        yield read_batches(plan)
        return
    # -P: nothing in the working directory is taken for a part of ours.
    command = [sys.executable, "-P", "-m", "app.importing.reading_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            yield _batches_of(process, plan)
        finally:
            process.kill()


def _batches_of(process: subprocess.Popen[bytes], plan: ReadingPlan) -> Iterator[Batch]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
    _enlarge(process.stdout)
    process.stdin.write(orjson.dumps(plan.to_json()))
    process.stdin.close()
    while True:
        kind, value = _receive(process)
        if kind == "batch":
            yield _to_batch(value)
        elif kind == "end":
            return
        else:
            raise _ERRORS[kind](value)


def _enlarge(pipe: Any) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _receive(process: subprocess.Popen[bytes]) -> tuple[str, Any]:
    assert process.stdout is not None  # noqa: S101
    head = process.stdout.read(_LENGTH.size)
    body = process.stdout.read(*_LENGTH.unpack(head)) if len(head) == _LENGTH.size else b""
    if not body:
        raise Failed(f"The process that reads the source ended before its time (exit code {process.wait()}).")
    kind, value = marshal.loads(body)  # noqa: S302 - from our own process
    return kind, value


def _to_batch(value: Any) -> Batch:
    rows, bad, warnings, files, bytes_read = value
    return Batch(
        [ReadRow._make((*row[:-2], tuple(map(ReadResponse._make, row[-2])), row[-1])) for row in rows],
        [RejectedRead(*one) for one in bad],
        Counter(warnings),
        files,
        bytes_read,
    )


def _plain(batch: Batch) -> tuple[Any, ...]:
    rows = [(*row[:-2], tuple(map(tuple, row.responses)), row.searched) for row in batch.rows]
    return rows, list(map(tuple, batch.bad)), dict(batch.warnings), batch.files, batch.bytes_read


def _send(pipe: BinaryIO, kind: str, value: Any) -> None:
    body = marshal.dumps((kind, value))
    pipe.write(_LENGTH.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def main() -> None:
    pipe = sys.stdout.buffer
    try:
        for batch in read_batches(ReadingPlan.from_json(orjson.loads(sys.stdin.buffer.read()))):
            _send(pipe, "batch", _plain(batch))
        _send(pipe, "end", None)
    except ReviewError as error:
        _send(pipe, type(error).__name__, error.message)
    except BrokenPipeError:  # the import that asked is gone
        sys.exit(1)


if __name__ == "__main__":
    main()
