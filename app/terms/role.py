from enum import StrEnum


class Role(StrEnum):
    """Each may do what the one before may, and more."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API token is good for, within what its owner may do."""

    READ = "read"
    REVIEW = "review"
    EXPORT = "export"
    ADMIN = "admin"
