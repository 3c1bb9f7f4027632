"""The HTML door: one module per noun in the URL."""

from app.web import (
    charts,
    datasets,
    entries,
    exports,
    flags,
    following,
    imports,
    list_display,
    overview,
    reviewers,
    reviews,
    status,
    views,
)

# Routes are tried one after the other: what is asked for most comes first.
ROUTERS = [
    entries.router,
    reviews.router,
    flags.router,
    charts.router,
    list_display.router,
    views.router,
    overview.router,
    datasets.router,
    imports.router,
    following.router,
    reviewers.router,
    exports.router,
    status.router,
]
