"""Every table, so that Alembic and relationships see them all."""

from app.models.account import ApiToken, Attempt, Invitation, Login, Membership
from app.models.base import Base
from app.models.browse_index import BrowseIndexPart
from app.models.dataset import Dataset, DatasetImport, ImportState, LabelChange, RejectedRow
from app.models.decision import Decision, DecisionKind, Draft, Skip, SkipKind
from app.models.entry import Entry, Response
from app.models.event import Counter, Event
from app.models.guideline import Guideline
from app.models.remark import Comment, Flag
from app.models.review import Review, ReviewState, Verdict, VerdictKind
from app.models.reviewer import Reviewer
from app.models.saved_view import SavedView

__all__ = [
    "ApiToken",
    "Attempt",
    "Base",
    "BrowseIndexPart",
    "Comment",
    "Counter",
    "Dataset",
    "DatasetImport",
    "Decision",
    "DecisionKind",
    "Draft",
    "Entry",
    "Event",
    "Flag",
    "Guideline",
    "ImportState",
    "Invitation",
    "LabelChange",
    "Login",
    "Membership",
    "RejectedRow",
    "Response",
    "Review",
    "ReviewState",
    "Reviewer",
    "SavedView",
    "Skip",
    "SkipKind",
    "Verdict",
    "VerdictKind",
]
