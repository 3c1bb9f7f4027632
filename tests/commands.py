"""Runs the command: in this process, which is thirty times as fast, or in one of its own, where that is the point."""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from app.cli.main import main
from app.importing import reading_process
from app.settings import Settings

ROOT = Path(__file__).parent.parent
Run = Callable[..., CompletedProcess[str]]


def run_apart(settings: Settings) -> Run:
    def run(*arguments: str | Path, **environment: str) -> CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            env={**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir), **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def run_here(settings: Settings) -> Run:
    """A server has a process of its own all the same."""

    def run(*arguments: str | Path, typed: str = "", **environment: str) -> CompletedProcess[str]:
        if "serve" in arguments[:1]:
            return run_apart(settings)(*arguments, **environment)
        environment = {"SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir), **environment}
        return run_command(list(map(str, arguments)), environment, ROOT, typed)

    return run


def run_command(
    arguments: list[str], environment: dict[str, str], folder: Path, typed: str = ""
) -> CompletedProcess[str]:
    """Nobody is at the keyboard (`typed` comes from a pipe), and nothing of it stays but what it wrote."""
    out, err = _File(), _File()
    with ExitStack() as around:
        around.enter_context(patch.dict(os.environ, environment))
        around.enter_context(patch.object(sys, "argv", ["saferlhf-review", *arguments]))
        around.enter_context(patch.object(sys, "stdin", _File(typed)))
        around.enter_context(redirect_stdout(out))
        around.enter_context(redirect_stderr(err))
        around.enter_context(chdir(folder))
        around.enter_context(_as_it_was())
        code = _exit_code()
    return CompletedProcess(arguments, code, out.written, err.written)


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - as Python itself does
        traceback.print_exc()
        return 1
    return 0


@contextmanager
def _as_it_was() -> Iterator[None]:
    """What ends with a process of its own: how it answers signals, and what it started and did not need."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        while reading_process._started:
            with reading_process._started.pop() as unneeded:
                unneeded.kill()


class _File(TextIOWrapper):
    def __init__(self, content: str = "") -> None:
        super().__init__(BytesIO(content.encode()), encoding="utf-8", write_through=True)

    @property
    def written(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]
