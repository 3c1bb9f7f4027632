"""The JSON door, versioned: /api/v1."""

from app.api import entries

ROUTERS = [entries.router]
