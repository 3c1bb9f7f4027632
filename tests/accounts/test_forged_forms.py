"""What other sites can make a signed-in browser send changes nothing, on no route."""

import re

from app.models import Event, Login, Reviewer
from app.models.base import Base
from app.web.access import routes_of
from app.web.csrf import FIELD, token_of
from tests.factories import import_rows, rows

KIND = list(Event.__table__.columns.keys()).index("kind")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
HERE = "http://127.0.0.1"
FORGED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": f"{HERE}:8080"},
    {"Origin": "https://127.0.0.1"},
    {"Origin": f"{HERE}.evil.example"},
    {"Origin": ""},
    {},  # an old browser, and no token
    {"X-CSRF-Token": "guessed"},
    {"X-CSRF-Token": token_of("another session")},
]


def dump(database, *but: str) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as db:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in but]
        return {table.name: [tuple(row) for row in db.execute(table.select())] for table in tables}


def changes_since(before: dict[str, list[tuple[object, ...]]], database, *but: str) -> set[str]:
    """Kinds of events since then, and names of tables that are not as they were."""
    after = dump(database, *but)
    tables = {name for name in after if after[name] != before[name]} - {"event", "counter"}
    return tables | {row[KIND] for row in after["event"][len(before["event"]) :]}


def fill(path: str) -> str:
    values = {"slug": "plants", "section": "mode", "secret": "x"}
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: values.get(found[1], "1"), path)


def test_no_forged_variant_of_any_form_changes_anything(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    team("dana")
    del client.headers["Sec-Fetch-Site"]
    before, asked = dump(database), 0
    for path, methods, _ in routes_of(client.app):
        for method in methods & UNSAFE:
            for headers in FORGED:
                data = {"action": "rest", "name": "mallory", "body": "forged", "shown": "yes", "mode": "blind"}
                answer = client.request(method, fill(path), data=data, headers=headers, follow_redirects=False)
                assert answer.status_code == 403, (method, path, headers)
                asked += 1
    assert changes_since(before, database) <= {"access.refused"}
    assert asked > 7 * 30


def test_every_form_has_the_token_of_its_session(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    team("dana")
    own, forms = token_of(client.cookies["session"]), 0
    for path, methods, _ in routes_of(client.app):
        if "GET" in methods and not path.endswith("/events"):
            page = client.get(fill(path)).text
            for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
                if 'method="post"' in form:
                    assert f'<input type="hidden" name="{FIELD}" value="{own}">' in form, (path, form)
                    forms += 1
                else:
                    assert 'method="get"' in form or 'method="dialog"' in form, (path, form)
                    assert own not in form  # it would stand in addresses
    assert forms > 20


def test_old_browser_sends_a_form_with_its_token(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    alice = team("alice")
    del alice.headers["Sec-Fetch-Site"]
    page = alice.get("/entries/1").text
    (token,) = set(re.findall(rf'name="{FIELD}" value="([^"]+)"', page))
    saved = alice.post("/entries/1/review", data={"action": "rest", FIELD: token}, follow_redirects=False)
    assert saved.status_code == 303
    draft = {"comment": "half", "sequence": "1", FIELD: token}
    assert alice.put("/entries/2/draft", data=draft).status_code == 204
    assert "half" in alice.get("/entries/2").text
    assert token not in str(dump(database))
    assert alice.post("/texts", data={"shown": "yes"}, headers={"X-CSRF-Token": token}).status_code == 200


def test_sign_in_is_not_forged_either(client, database, team):
    """An old browser is not signed in as somebody else behind its back."""
    typed = {"name": "alice", "password": "a long enough one", "next": "/"}
    assert client.post("/sign-in", data=typed).status_code == 403
    page = client.get("/sign-in").text
    token = re.search(rf'name="{FIELD}" value="([^"]+)"', page)[1]
    assert client.post("/sign-in", data=typed | {FIELD: "other"}).status_code == 403
    assert client.post("/sign-in", data=typed | {FIELD: token}).status_code == 422
    client.cookies.clear()
    assert client.post("/sign-in", data=typed | {FIELD: token}).status_code == 403


def test_local_mode_has_no_tokens(sample, alice):
    assert FIELD not in alice.get("/entries/1").text
    assert alice.post("/entries/1/review", data={"action": "rest"}, follow_redirects=False).status_code == 303


UNEXPECTED = {
    "role": "admin", "is_account": "true", "is_admin": "1", "reviewer_id": "1", "id": "1", "sees_all_datasets": "1",
    "password_hash": "x", "password_set_at": "2030-01-01", "external_id": "x", "disabled_at": "", "seed": "1",
    "created_at": "2000-01-01", "name_key": "dana", "profile": "{}", "scopes": "admin", "login_id": "1",
    "token_id": "1", "datasets": "1", "dataset_id": "1", "expires_at": "2099-01-01", "user[role]": "admin",
    "__class__": "x", "roles": "admin", "permissions": "manage_accounts", "owner": "1",
}  # fmt: skip


def test_unexpected_fields_change_nobody(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    team("alice")

    def people() -> list[tuple[object, ...]]:
        with database.read() as db:
            columns = [column for column in Reviewer.__table__.columns if column.name != "profile"]
            return [tuple(row) for row in db.query(*columns).order_by(Reviewer.id)]

    before = people()
    for path, methods, _ in routes_of(client.app):
        for method in (methods & UNSAFE) if path != "/sign-out" else ():
            data = UNEXPECTED | {"action": "rest", "shown": "yes", "mode": "open", "sequence": "1"}
            answer = client.request(method, fill(path), data=data, follow_redirects=False)
            assert answer.status_code < 500, (method, path)
    assert len(UNEXPECTED) > 21
    assert people() == before


def test_reading_changes_nothing(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    dana = team("dana")
    dana.post("/entries/1/review", data={"action": "rest"})
    before = dump(database, Login.__tablename__)
    for path, methods, _ in routes_of(client.app):
        if "GET" in methods and not path.endswith("/events"):
            for method in ("GET", "HEAD", "OPTIONS"):
                assert dana.request(method, fill(path), follow_redirects=False).status_code < 500, path
    assert changes_since(before, database, Login.__tablename__) == {"export.made"}


TRICKS = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
    "https://evil.example", "HTTPS://evil.example", "http:evil.example", "https:/evil.example", "https:///evil.example",
    "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example", ".evil.example", "/\x00/evil.example",
    "/%0d%0aLocation: //evil.example", "/\r\nLocation: //evil.example", "/\u2028/evil.example",
    "//127.0.0.1@evil.example",
]  # fmt: skip


def leads_away(answer) -> bool:
    """As a browser reads it: without tabs and line ends, a backslash for a slash."""
    to = answer.headers.get("location", answer.headers.get("hx-redirect", "/"))
    read = re.sub(r"[\t\n\r]", "", to).strip().replace("\\", "/")
    return not read.startswith("/") or read.startswith("//")


def test_redirects_stay_here(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(2), slug="plants")
    assert len(TRICKS) == 26
    for to in TRICKS:
        alice = team("alice")
        answers = [
            alice.get("/sign-in", params={"next": to}, follow_redirects=False),
            alice.get("/sign-in/oidc", params={"next": to}, follow_redirects=False),
            *(
                alice.post(path, data={"next": to, **more}, headers=headers, follow_redirects=False)
                for path, more in (
                    ("/texts", {"shown": "yes"}),
                    ("/content-note", {}),
                    ("/rows", {}),
                    ("/settings/mode", {"mode": "open"}),
                    ("/entries/1/review", {"action": "rest"}),
                    ("/undo", {}),
                    ("/datasets/plants/flags", {"action": "flag", "entry": "1"}),
                    ("/datasets/plants/views", {"name": "mine", "query": "split=train", "then": to}),
                )
                for headers in ({}, {"HX-Request-Type": "partial"})
            ),
        ]
        assert not [answer.request.url.path for answer in answers if leads_away(answer)], to
        pages = [alice.get("/pause", params={"next": to}), client.get("/sign-in", params={"next": to})]
        assert not [page for page in pages if re.search(r'href="(?!/(?!/)|#|data:)', page.text)], to
