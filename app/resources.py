"""Finds templates, static files and migrations: inside an installed wheel, or beside `app/` in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


SAMPLE = _PACKAGE / "importing" / "sample"
