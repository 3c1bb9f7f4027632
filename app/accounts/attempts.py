"""Guessing passwords: tries are counted before the password is looked at, in the database that all workers share.

Who guesses from one address locks out that address, not the owner elsewhere; who guesses from many meets a bound of the
account, past which only addresses from which its owner signed in before are let try.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.errors import TooManyAttempts
from app.models import Attempt, Login, Reviewer
from app.models.base import now
from app.names import name_key

_OF_PAIR, _PAIR_TIME = 10, timedelta(minutes=15)
_OF_NAME, _OF_ADDRESS, _KEPT = 50, 100, timedelta(hours=1)


def count_attempt(db: Session, name: str, address: str) -> None:
    """Raises TooManyAttempts, and then counts nothing."""
    moment, place, name_hash = now(), network_of(address), _hash_of_name(name)
    db.execute(delete(Attempt).where(Attempt.at <= moment - _KEPT))
    from_place = _times(db, Attempt.address == place)
    of_name = _times(db, Attempt.name_hash == name_hash)
    of_pair = _times(db, Attempt.name_hash == name_hash, Attempt.address == place, Attempt.at > moment - _PAIR_TIME)
    _refuse_over(of_pair, _OF_PAIR, _PAIR_TIME, moment)
    _refuse_over(from_place, _OF_ADDRESS, _KEPT, moment)
    if place not in _known_places(db, name, of_name):
        _refuse_over(of_name, _OF_NAME, _KEPT, moment)
    db.add(Attempt(name_hash=name_hash, address=place, at=moment))


def forget_attempts(db: Session, name: str, address: str) -> None:
    """Whoever signed in has not been guessing."""
    pair = (Attempt.name_hash == _hash_of_name(name), Attempt.address == network_of(address))
    db.execute(delete(Attempt).where(*pair))


def network_of(address: str) -> str:
    """What one person can choose addresses from at will."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of this machine, or a test
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _times(db: Session, *conditions: ColumnElement[bool]) -> Sequence[datetime]:
    return db.scalars(select(Attempt.at).where(*conditions).order_by(Attempt.at)).all()


def _refuse_over(times: Sequence[datetime], most: int, window: timedelta, moment: datetime) -> None:
    if len(times) >= most:
        raise TooManyAttempts(times[-most] + window - moment)


def _known_places(db: Session, name: str, times: Sequence[datetime]) -> set[str]:
    if len(times) < _OF_NAME:
        return set()
    addresses = select(Login.address).join(Reviewer).where(Reviewer.name_key == name_key(name)).distinct()
    return {network_of(address) for address in db.scalars(addresses)}


def _hash_of_name(name: str) -> bytes:
    return sha256(name_key(name).encode("utf-8", "surrogatepass")).digest()
