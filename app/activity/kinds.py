"""Kinds of events, in the groups that people look for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    name: str  # in addresses
    title: str
    kinds: tuple[str, ...]  # one that ends in a dot stands for all that begin with it


GROUPS = (
    Group("reviews", "Reviews", ("review.",)),
    Group("adjudication", "Adjudications", ("adjudication.",)),
    Group("sessions", "Samples and review sessions", ("session.", "plan.")),
    Group("discussions", "Discussions", ("comment.",)),
    Group("writing", "Views and guidelines", ("view.", "guideline.")),
    Group("imports", "Imports and datasets", ("import.", "dataset.")),
    Group("exports", "Exports", ("export.",)),
    Group("sign-ins", "Sign-ins and passwords", ("login.", "password.")),
    Group("refusals", "Refusals", ("access.", "login.refused")),
    Group("accounts", "Accounts, tokens and settings", ("account.", "invitation.", "token.", "reviewer.")),
    Group("service", "The service: starts, backups, restores", ("server.", "database.")),
)
_BY_NAME = {group.name: group for group in GROUPS}
_NOUNS = sorted({kind.partition(".")[0] for group in GROUPS for kind in group.kinds})
PATTERN = rf"^({'|'.join(_BY_NAME)}|({'|'.join(_NOUNS)})\.[a-z][a-z_]*)$"


def kinds_of(names: Sequence[str]) -> tuple[str, ...]:
    """Of groups and of single kinds, such as `comment.added`; raises LookupError for what is neither."""
    found: list[str] = []
    for name in names:
        if not re.fullmatch(PATTERN, name):
            raise LookupError(name)
        found += _BY_NAME[name].kinds if name in _BY_NAME else (name,)
    return tuple(found)
