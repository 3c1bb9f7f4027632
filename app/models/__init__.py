"""Every table, so that Alembic and relationships see them all."""

from app.models.account import ApiToken, Attempt, Invitation, Login, Membership
from app.models.adjudication import Adjudication, ErrorKind
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
from app.models.sampling import SampledEntry, SamplingPlan
from app.models.saved_view import SavedView
from app.models.session import (
    Adjudicates,
    ItemKind,
    Participant,
    Reservation,
    ReviewSession,
    SessionEntry,
    SessionState,
)

__all__ = [
    "Adjudicates",
    "Adjudication",
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
    "ErrorKind",
    "Event",
    "Flag",
    "Guideline",
    "ImportState",
    "Invitation",
    "ItemKind",
    "LabelChange",
    "Login",
    "Membership",
    "Participant",
    "RejectedRow",
    "Reservation",
    "Response",
    "Review",
    "ReviewSession",
    "ReviewState",
    "Reviewer",
    "SampledEntry",
    "SamplingPlan",
    "SavedView",
    "SessionEntry",
    "SessionState",
    "Skip",
    "SkipKind",
    "Verdict",
    "VerdictKind",
]
