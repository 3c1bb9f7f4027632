"""The JSON door, versioned: /api/v1."""

from app.api import activity, agreement, calibration, datasets, describing, entries, reviews

ROUTERS = [
    datasets.router,
    entries.router,
    reviews.router,
    agreement.router,
    calibration.router,
    activity.router,
    describing.router,
]
