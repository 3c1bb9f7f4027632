"""The JSON door, versioned: /api/v1."""

from app.api import datasets, entries

ROUTERS = [datasets.router, entries.router]
