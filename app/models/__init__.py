"""Every table, so that Alembic and relationships see them all."""

from app.models.base import Base
from app.models.contradiction import Contradiction
from app.models.dataset import Dataset, DatasetImport, ImportState, LabelChange, RejectedRow, Unit
from app.models.entry import Entry, Response
from app.models.event import Counter, Event
from app.models.review import Comment, Flag, Review, Reviewer, ReviewState, Verdict, VerdictKind
from app.models.taxonomy import HarmCategory, SeverityLevel, Taxonomy

__all__ = [
    "Base",
    "Comment",
    "Contradiction",
    "Counter",
    "Dataset",
    "DatasetImport",
    "Entry",
    "Event",
    "Flag",
    "HarmCategory",
    "ImportState",
    "LabelChange",
    "RejectedRow",
    "Response",
    "Review",
    "ReviewState",
    "Reviewer",
    "SeverityLevel",
    "Taxonomy",
    "Unit",
    "Verdict",
    "VerdictKind",
]
