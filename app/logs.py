"""Logging to stderr, as text or JSON lines. No message holds a text of the dataset, of a form, or of a query."""

import json
import logging
from typing import Any

from app.settings import Settings
from app.tracing import REQUEST_ID


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {REQUEST_ID.get() or '-'} "
        return line + "\n    | ".join(map(_visible, record.getMessage().splitlines()))


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": REQUEST_ID.get(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(line)


def _visible(text: str) -> str:
    """So that nothing a client sent looks like a line of ours, or steers a terminal."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def log_config(settings: Settings) -> dict[str, Any]:
    level = settings.log_level.upper()
    quiet = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"text": {"()": TextFormatter}, "json": {"()": JsonFormatter}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": settings.log_format, "stream": "ext://sys.stderr"}
        },
        "loggers": {
            "app": {"handlers": ["stderr"], "level": level, "propagate": False},
            "uvicorn": quiet,
            "uvicorn.error": quiet,
        },
    }
