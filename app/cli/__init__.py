"""The command door: `saferlhf-review COMMAND`. Exits 0, 1 (failed) or 2 (usage); errors are one line on stderr.

Loading makes many objects that live as long as the process. To look for garbage among them, while they load and again
when the process ends, takes a quarter of a short command's time.
"""

import gc

gc.disable()
from app.cli.main import main  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["main"]
