"""Who is named by a proxy in front of us: believed when the proxy is one of ours, and nobody else."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.models import Login, Reviewer
from app.settings import Settings
from tests.team import add_account

OpenBehind = Callable[..., TestClient]


@pytest.fixture
def open_behind(sample: None, settings: Settings) -> Iterator[OpenBehind]:
    """The service behind a proxy at 10.0.0.1, asked by whoever is at `peer`."""
    opened = []

    def open_one(peer: str = "10.0.0.1", **more: object) -> TestClient:
        about = {"proxy_user_header": "X-Remote-User", "trusted_proxies": "10.0.0.1"}
        app = create_app(Settings(_env_file=None, data_dir=settings.data_dir, **(about | more)))
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False, client=(peer, 50000))
        opened.append(client)
        return client.__enter__()

    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


def _status(client: TestClient, *names: bytes | str, path: str = "/settings") -> int:
    return client.get(path, headers=[("X-Remote-User", name) for name in names]).status_code


def test_proxy_names_who_asks(open_behind, database):
    add_account(database, "dana", "admin")
    add_account(database, "Zoë", "viewer")
    behind = open_behind()
    page = behind.get("/settings", headers={"X-Remote-User": "DANA", "Authorization": "Basic ZGFuYTp4"})
    assert (page.status_code, "dana" in page.text) == (200, True)
    assert _status(behind, "Zoë".encode()) == 200
    assert _status(behind, "Zoë".encode(), path="/imports") == 403
    assert _status(behind) == 303  # named nobody: to the sign-in page
    assert behind.get("/api/v1/datasets", headers={"X-Remote-User": "dana"}).status_code == 200
    token = {"X-Remote-User": "dana", "Authorization": "Bearer of-nobody"}
    assert behind.get("/api/v1/datasets", headers=token).status_code == 401
    with database.read() as db:
        assert db.query(Login).count() == 0


def test_nobody_else_is_believed(open_behind, database):
    add_account(database, "dana", "admin")
    direct = open_behind(peer="10.0.0.2", sso_default_role="admin")
    assert _status(direct, "dana") == 303
    forwarded = {"X-Remote-User": "dana", "X-Forwarded-For": "10.0.0.1"}
    assert direct.get("/settings", headers=forwarded).status_code == 303
    assert _status(open_behind(trusted_proxies=""), "dana") == 303
    assert _status(open_behind(proxy_user_header=""), "dana") == 303
    assert _status(open_behind(), "mallory") == 403


def test_unclear_names_are_refused(open_behind, database):
    add_account(database, "dana", "admin")
    behind = open_behind(sso_default_role="admin")
    assert _status(behind, "dana", "mallory") == 403
    for name in (b"", b" ", b"dana,mallory", b"da\x01na", 61 * b"x"):
        assert _status(behind, name) == 403, name
    with database.read() as db:
        assert db.query(Reviewer).count() == 1


def test_first_visit_makes_an_account_with_the_default_role(open_behind, database):
    add_account(database, "dana", "admin")
    gone = add_account(database, "gone", "lead")
    with database.write() as db:
        db.add(Reviewer(name="erin", name_key="erin"))
        db.get_one(Reviewer, gone).disabled_at = db.get_one(Reviewer, gone).created_at
    behind = open_behind(sso_default_role="reviewer")
    for _ in range(2):
        assert _status(behind, "Nils") == 200
    with database.read() as db:
        nils = db.query(Reviewer).filter_by(name="Nils").one()
        assert (nils.role, nils.is_account) == ("reviewer", True)
    for name, words in (("erin", "make an account of it"), ("gone", "is deactivated")):
        page = behind.get("/", headers={"X-Remote-User": name})
        assert (page.status_code, words in page.text) == (403, True)


def test_local_mode_stays_local(open_behind, database: Database):
    behind = open_behind(sso_default_role="admin")
    assert _status(behind, "mallory", path="/") == 200
    with database.read() as db:
        assert db.query(Reviewer).count() == 0
