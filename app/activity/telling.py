"""An event in plain words; of reviews and discussions only that there was one: who reads may still owe the entry."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

Data = Mapping[str, Any]
UNTOLD = ("review.", "comment.", "adjudication.")  # whose data stays unread


def tell(kind: str, data: Data) -> str:
    """Follows on who did it: "changed a review"."""
    said = _SAID.get(kind)
    with suppress(KeyError, TypeError, AttributeError):  # other versions say other things of it
        if said is not None:
            return said if isinstance(said, str) else said(data)
    return kind.replace(".", ": ").replace("_", " ")


def _named(words: str, name: str) -> Callable[[Data], str]:
    """The words, and what the data has under the name."""
    return lambda data: f"{words} {data[name]}" if data.get(name) is not None else words


def _view(words: str) -> Callable[[Data], str]:
    return lambda data: f"{words} the view “{data['name']}”"


def _session(words: str) -> Callable[[Data], str]:
    return lambda data: f"{words} the review session “{data['name']}”"


def _changed(words: str) -> Callable[[Data], str]:
    """With what it was before and is now."""

    def said(data: Data) -> str:
        before, after = _plain(data.get("before")), _plain(data.get("after"))
        return f"{words} from {before} to {after}" if before and after else words

    return said


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(_plain(one) for one in value.values())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "" if value is None else str(value)


def _settings(data: Data) -> str:
    names = ", ".join(sorted(name.replace("_", " ") for name in data["after"]))
    return f"changed own settings: {names}"


def _signed_in(data: Data) -> str:
    method, address = data.get("method"), data.get("address")
    return "signed in" + (f" ({method})" if method else "") + (f" from {address}" if address else "")


def _not_let_in(data: Data) -> str:
    return "was not let in" + (f" from {data['address']}" if data.get("address") else "")


def _refused(data: Data) -> str:
    return f"was refused {data['method']} {data['route']}, which takes the right to {data['action'].replace('_', ' ')}"


def _exported(data: Data) -> str:
    """Words that were searched for may be those of a text."""
    pairs = [(name, "…" if name == "q" else value) for name, value in parse_qsl(data.get("filter") or "")]
    filtered = "; ".join(f"{name} {value}" for name, value in pairs)
    return f"exported {data['what']} as {data['format']}" + (f" ({filtered})" if filtered else "")


def _backed_up(data: Data) -> str:
    return f"backed the database up as {data['backup']}"


def _restored(data: Data) -> str:
    return f"put the backup {data['backup']} in the database’s place"


def _deleted(data: Data) -> str:
    return f"deleted the dataset {data['slug']}, with {data['entries']:,} entries and {data['reviews']:,} reviews"


_SAID: dict[str, str | Callable[[Data], str]] = {
    "review.recorded": "saved a review",
    "review.revised": "changed a review",
    "review.revealed": "answered blind",
    "review.undone": "took a change of a review back",
    "review.skipped": "skipped an entry",
    "review.unskipped": "took a skip back",
    "comment.added": "commented",
    "comment.edited": "changed a comment",
    "comment.deleted": "deleted a comment",
    "comment.resolved": "resolved a discussion",
    "comment.reopened": "opened a discussion again",
    "adjudication.settled": "settled a disputed label",
    "adjudication.reopened": "reopened a settled label",
    "plan.drawn": _named("drew the sample", "title"),
    "session.made": _session("made"),
    "session.opened": _session("opened"),
    "session.paused": _session("paused"),
    "session.closed": _session("closed"),
    "session.reopened": _session("reopened"),
    "session.participants_changed": _session("changed who reviews in"),
    "session.requeued": _session("asked for one more review of an entry in"),
    "session.reassigned": _session("gave an entry to one person alone in"),
    "view.saved": _view("saved"),
    "view.replaced": _view("replaced"),
    "view.renamed": _view("renamed"),
    "view.pinned": _view("pinned"),
    "view.unpinned": _view("unpinned"),
    "view.deleted": _view("deleted"),
    "guideline.written": _named("wrote the guideline, version", "version"),
    "import.queued": "asked for an import",
    "import.started": "began an import",
    "import.complete": "completed an import",
    "import.failed": "had an import fail",
    "import.interrupted": "had an import interrupted",
    "import.cancelled": "cancelled an import",
    "import.cancel_requested": "asked an import to stop",
    "dataset.deleted": _deleted,
    "export.made": _exported,
    "database.backed_up": _backed_up,
    "database.restored": _restored,
    "server.started": _named("started the server, version", "version"),
    "reviewer.added": "came here for the first time",
    "reviewer.profile_changed": _settings,
    "login.begun": _signed_in,
    "login.refused": _not_let_in,
    "login.ended": "signed out, or was",
    "password.set": "set a password",
    "account.added": _named("added the account", "name"),
    "account.claimed": _changed("made an account of the reviews"),
    "account.role_changed": _changed("changed the role"),
    "account.linked": "came by single sign-on for the first time",
    "account.disabled": _changed("ended the access"),
    "account.enabled": _changed("gave access back"),
    "account.datasets_changed": _changed("changed the datasets"),
    "invitation.made": _changed("made an invitation"),
    "invitation.used": "used an invitation",
    "token.made": "made an API token",
    "token.revoked": "revoked an API token",
    "access.refused": _refused,
}
