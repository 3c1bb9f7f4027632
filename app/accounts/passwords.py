"""Passwords: only their Argon2id hashes are kept, and what comes first to whoever guesses is refused.

They are taken as typed, but for NFKC (NIST SP 800-63B): keyboards and systems write the same letters in several ways.
"""

import base64
import gzip
import os
import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Reviewer
from app.models.base import now
from app.models.event import record_event
from app.names import name_key

SHORTEST, LONGEST = 10, 256
hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)  # memory in KiB
_COMMON = Path(__file__).with_name("common_passwords.txt.gz")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789012345678901234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiop")
_OURS = ("saferlhf", "review", "password")
_FEW_CHARACTERS = 5
_FIGURES = "0123456789"
_LEET = str.maketrans("013457@$!", "oleastasi")


def check_password_rules(typed: str, name: str, field: str = "password") -> None:
    """Raises InvalidInput, naming the field, when it is too short, too long, or easily guessed."""
    if len(typed) > LONGEST:
        raise InvalidInput(f"Use at most {LONGEST} characters.", field)
    text = _normalised(typed)
    if len(text) < SHORTEST:
        raise InvalidInput(f"Use at least {SHORTEST} characters; several words make a good password.", field)
    if _is_guessable(text.casefold(), name_key(name)):
        raise InvalidInput(
            "This is among the first that are guessed. Take several words that do not go together.", field
        )


def hash_password(typed: str) -> str:
    """Takes its time and 64 MiB: never within a write transaction, for which others wait."""
    return hasher.hash(_encoded(typed))


def is_password(password_hash: str | None, typed: str) -> bool:
    """Takes as long when there is no hash."""
    try:
        return hasher.verify(password_hash or _nobodys(), _encoded(typed[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Made with less effort than hashes are made with now."""
    return hasher.check_needs_rehash(password_hash)


def store_password(db: Session, reviewer_id: int, password_hash: str, by: int | None, way: str) -> None:
    """`way` is how they came to it: invitation, reset, change, command; `by` is None for the command line."""
    values = {"password_hash": password_hash, "password_set_at": now()}
    db.execute(update(Reviewer).where(Reviewer.id == reviewer_id).values(values))
    record_event(db, "password.set", {"of": reviewer_id, "way": way}, reviewer_id=by)


def _encoded(typed: str) -> bytes:
    return _normalised(typed).encode("utf-8", "surrogatepass")


def _normalised(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed)


def _nobodys() -> str:
    """A hash of nothing that anybody could type, made without the effort that it takes to check."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


def _is_guessable(text: str, name: str) -> bool:
    letters = "".join(filter(str.isalnum, text))
    is_monotonous = len(set(text)) < _FEW_CHARACTERS or text in (text + text)[1:-1]
    is_row = any(letters in row or letters[::-1] in row for row in _ROWS)
    return is_monotonous or is_row or _is_common(text) or _is_common(letters) or _is_about(letters, name)


def _is_common(text: str) -> bool:
    """As it stands, or without the figures and signs around a word, or with letters for what looks like them."""
    word = text.strip(_FIGURES + "".join(character for character in text if not character.isalnum()))
    return any(one in _common_passwords() for plain in (text, word) for one in (plain, plain.translate(_LEET)))


def _is_about(letters: str, name: str) -> bool:
    """Little more than the person's name, or that of what it opens."""
    rest = letters
    for word in ("".join(filter(str.isalnum, name)), *_OURS):
        if len(word) > 2:  # else every password would be about it
            rest = rest.replace(word, "")
    return rest != letters and len(rest.strip(_FIGURES)) < _FEW_CHARACTERS


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    lines = gzip.decompress(_COMMON.read_bytes()).decode().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
