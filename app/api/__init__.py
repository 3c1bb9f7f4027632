"""The JSON door, versioned: /api/v1."""

from app.api import activity, datasets, describing, entries, reviews

ROUTERS = [datasets.router, entries.router, reviews.router, activity.router, describing.router]
