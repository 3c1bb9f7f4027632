"""The command door: `saferlhf-review COMMAND`. Exits 0, 1 (failed) or 2 (usage); errors are one line on stderr."""

from app.cli.main import main

__all__ = ["main"]
