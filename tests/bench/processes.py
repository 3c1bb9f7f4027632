"""Starts the application as a person would, as a process of its own, and looks at what it uses."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = Path(tempfile.gettempdir())
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60


@dataclass(frozen=True)
class Usage:
    seconds: float
    cpu: float
    peak_mb: float
    output: str


def environment(data_dir: Path) -> dict[str, str]:
    """Ours without settings of the machine; compiled modules are kept, as after any installation, but elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAFERLHF_", "PYTHON"))}
    cache = str(SCRATCH / "saferlhf-bench-pycache")
    return {**kept, "SAFERLHF_REVIEW_DATA_DIR": str(data_dir), "PYTHONPYCACHEPREFIX": cache}


def start(*words: object, data_dir: Path, stderr: IO[str] | None = None) -> subprocess.Popen[str]:
    """`python -m` with these words."""
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, words)],
        cwd=ROOT,
        env=environment(data_dir),
        text=True,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def run(*words: object, data_dir: Path = SCRATCH) -> Usage:
    """Waits for the end; raises RuntimeError when it is not a good one."""
    started = time.perf_counter()
    process = start(*words, data_dir=data_dir)
    assert process.stdout is not None
    with _watched(process.pid) as peaks:
        output = process.stdout.read()
        process.stdout.close()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))} ended with {process.returncode}")
    seconds = time.perf_counter() - started
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Usage(seconds, used.ru_utime + used.ru_stime, max(peak, *peaks), output)


@contextmanager
def _watched(process_id: int) -> Iterator[list[float]]:
    """Megabytes of the process and its children together, looked at 50 times a second where there is /proc."""
    sums, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            sums.append(sum(map(_resident_mb, [process_id, *_children(process_id)])))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sums
    finally:
        over.set()
        watcher.join()


def _children(process_id: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]
    return []


def _resident_mb(process_id: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
    return 0.0


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _anonymous_mb(process_id: int) -> float:
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


class Server:
    """A serving process; what it says goes to a file beside the database."""

    def __init__(self, *words: object, data_dir: Path) -> None:
        self.log = data_dir / "server.log"
        with self.log.open("w") as log:
            self.process = start(*words, data_dir=data_dir, stderr=log)
        self.port = self._port()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def _port(self) -> int:
        """Waits for the line that names the URL."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)\s", self.said):
                return int(found[1])
            time.sleep(0.005)
        raise RuntimeError(f"the server did not start: {self.said}")

    @property
    def _processes(self) -> list[int]:
        """With several workers the first one only watches over them."""
        return [self.process.pid, *_children(self.process.pid)]

    def cpu(self) -> float:
        """Seconds so far, of user and system."""
        return sum(map(_cpu_seconds, self._processes))

    def anonymous_mb(self) -> float:
        """Resident memory of the largest process without mapped files, such as pages of the database."""
        return max(map(_anonymous_mb, self._processes))

    def kill(self) -> None:
        """Its workers too, which would otherwise still say goodbye."""
        workers = _children(self.process.pid)
        self.process.kill()
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        self.process.terminate()
        self._close()

    def _close(self) -> None:
        self.process.wait(_PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def serving(*words: object, data_dir: Path) -> Iterator[Server]:
    server = Server(*words, data_dir=data_dir)
    try:
        yield server
    finally:
        server.stop()
