"""Who may do what: the one table. Every route says which action it is, and one that does not keeps us from starting."""

from dataclasses import dataclass
from enum import StrEnum

from app.terms.role import Role, Scope


class Action(StrEnum):
    ENTER = "enter"
    CHOOSE_NAME = "choose_name"
    READ = "read"
    SET_OWN = "set_own"
    REVIEW = "review"
    COMMENT = "comment"
    EXPORT = "export"
    IMPORT = "import"
    GUIDE = "guide"
    PLAN = "plan"
    ADJUDICATE = "adjudicate"
    SEE_PROGRESS = "see_progress"
    SEE_ACTIVITY = "see_activity"
    MANAGE_ACCOUNTS = "manage_accounts"


@dataclass(frozen=True)
class Permission:
    words: str
    roles: frozenset[Role] = frozenset()
    scope: Scope | None = None  # that a token needs for it; None: no token will do
    is_open: bool = False  # to who has not signed in
    only_local: bool = False


_ALL = frozenset(Role)
_REVIEWERS = _ALL - {Role.VIEWER}
_LEADS = frozenset([Role.LEAD, Role.ADMIN])
_ADMINS = frozenset([Role.ADMIN])

PERMISSIONS = {
    Action.ENTER: Permission("Sign in, and ask whether the service is up", _ALL, Scope.READ, is_open=True),
    Action.CHOOSE_NAME: Permission("Review under any name, without signing in", is_open=True, only_local=True),
    Action.READ: Permission("Read datasets, entries, charts, guidelines and help", _ALL, Scope.READ),
    Action.SET_OWN: Permission("Change one's own settings, saved views, password and tokens", _ALL),
    Action.REVIEW: Permission("Review entries: verdicts, drafts, skips, flags, undo", _REVIEWERS, Scope.REVIEW),
    Action.COMMENT: Permission("Take part in discussions", _REVIEWERS),
    Action.EXPORT: Permission("Export entries and everybody's reviews", _LEADS, Scope.EXPORT),
    Action.IMPORT: Permission("Import datasets and later revisions", _LEADS),
    Action.GUIDE: Permission("Write guidelines", _LEADS),
    Action.PLAN: Permission("Draw samples, and make and run review sessions", _LEADS),
    Action.ADJUDICATE: Permission("Settle disputed labels", _LEADS),
    Action.SEE_PROGRESS: Permission("See the progress of other reviewers", _LEADS),
    Action.SEE_ACTIVITY: Permission("Read the record of what everybody did", _LEADS, Scope.ADMIN),
    Action.MANAGE_ACCOUNTS: Permission("Invite people, change roles and memberships, end access", _ADMINS),
}


def permits(role: Role, action: Action) -> bool:
    return role in PERMISSIONS[action].roles
