"""The server's child processes, each running one import. The server itself never loads what reads datasets."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock, Thread

from app.db import Database
from app.importing.queue import mark_interrupted
from app.importing.uploads import remove_finished_uploads

_SECONDS_TO_END = 5


class ImportProcesses:
    def __init__(self, database: Database, uploads_dir: Path) -> None:
        self._database = database
        self._uploads_dir = uploads_dir
        self._children: dict[subprocess.Popen[bytes], Thread] = {}
        self._changing = Lock()

    def start(self, import_id: int, lock: int) -> None:
        """Hands the import's lock over to a process of its own."""
        database_url = f"sqlite:///{self._database.path.absolute()}"
        try:
            # -P: nothing in the working directory is taken for a part of ours.
            process = subprocess.Popen(  # noqa: S603 - the arguments are ours
                [sys.executable, "-P", "-m", "app", "import", "--queued", str(import_id)],
                env={**os.environ, "SAFERLHF_REVIEW_DATABASE_URL": database_url},
                pass_fds=(lock,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C in the terminal is for the server, which tells its children
            )
        finally:
            os.close(lock)
        thread = Thread(target=self._wait_for, args=(process,), daemon=True)
        with self._changing:
            self._children[process] = thread
        thread.start()

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        mark_interrupted(self._database)  # for one that could not say itself how it ended
        remove_finished_uploads(self._database, self._uploads_dir)
        with self._changing:
            del self._children[process]

    def stop(self) -> None:
        """Imports that run or wait end as interrupted, and can be resumed."""
        with self._changing:
            children = dict(self._children)
        for process in children:
            process.send_signal(signal.SIGINT)
        for process, thread in children.items():
            thread.join(_SECONDS_TO_END)
            if thread.is_alive():  # a signal that comes while Python loads modules may be lost
                process.kill()
                thread.join()
