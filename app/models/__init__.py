"""Every table, so that Alembic and relationships see them all."""

from app.models.base import Base
from app.models.browse_index import BrowseIndexPart
from app.models.dataset import Dataset, DatasetImport, ImportState, LabelChange, RejectedRow
from app.models.entry import Entry, Response
from app.models.event import Counter, Event
from app.models.review import Comment, Flag, Review, Reviewer, ReviewState, Verdict, VerdictKind
from app.models.saved_view import SavedView

__all__ = [
    "Base",
    "BrowseIndexPart",
    "Comment",
    "Counter",
    "Dataset",
    "DatasetImport",
    "Entry",
    "Event",
    "Flag",
    "ImportState",
    "LabelChange",
    "RejectedRow",
    "Response",
    "Review",
    "ReviewState",
    "Reviewer",
    "SavedView",
    "Verdict",
    "VerdictKind",
]
