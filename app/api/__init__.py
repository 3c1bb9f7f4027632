"""The JSON door, versioned: /api/v1."""

from app.api import datasets, describing, entries

ROUTERS = [datasets.router, entries.router, describing.router]
