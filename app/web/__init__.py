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

ROUTERS = [
    overview.router,
    imports.router,
    following.router,
    datasets.router,
    entries.router,
    list_display.router,
    flags.router,
    charts.router,
    views.router,
    reviews.router,
    reviewers.router,
    exports.router,
    status.router,
]
