"""Who may ask for what, as a table: the least role and the token's scope that get past the gate of each route."""

import re
from datetime import timedelta

import pytest

from app.accounts.visitors import hash_of
from app.models import ApiToken
from app.models.base import now
from app.web.access import routes_of
from tests.team import add_account, sign_in

ROLES = ("viewer", "reviewer", "lead", "admin")
SCOPES = ("read", "review", "export", "admin")
# "nobody": whoever asks; "local": in local mode alone; "-": no token will do.
TABLE = """
GET  /                                        viewer   -
GET  /account                                 viewer   -
POST /account/logins/end-others               viewer   -
POST /account/logins/{login_id}/end           viewer   -
POST /account/password                        viewer   -
POST /account/tokens                          viewer   -
POST /account/tokens/{token_id}/revoke        viewer   -
GET  /accounts                                admin    -
POST /accounts                                admin    -
GET  /accounts/new                            admin    -
GET  /accounts/{reviewer_id}                  admin    -
POST /accounts/{reviewer_id}/claim            admin    -
POST /accounts/{reviewer_id}/datasets         admin    -
POST /accounts/{reviewer_id}/disable          admin    -
POST /accounts/{reviewer_id}/enable           admin    -
POST /accounts/{reviewer_id}/link             admin    -
POST /accounts/{reviewer_id}/role             admin    -
GET  /activity                                lead     -
GET  /activity/export                         lead     admin
GET  /adjudication                            lead     -
GET  /api/v1/activity                         lead     admin
GET  /api/v1/datasets                         viewer   read
GET  /api/v1/datasets/{slug}                  viewer   read
GET  /api/v1/datasets/{slug}/agreement        viewer   read
GET  /api/v1/datasets/{slug}/agreement/{label_field} viewer read
GET  /api/v1/datasets/{slug}/entries          viewer   read
GET  /api/v1/datasets/{slug}/statistics       viewer   read
GET  /api/v1/docs                             viewer   read
GET  /api/v1/entries/{entry_id}               viewer   read
GET  /api/v1/entries/{entry_id}/review        viewer   read
PUT  /api/v1/entries/{entry_id}/review        reviewer review
GET  /api/v1/openapi.json                     viewer   read
GET  /api/v1/reviewers/{reviewer_id}/calibration viewer read
GET  /api/v1/sessions/{session_id}/agreement  viewer   read
GET  /api/v1/sessions/{session_id}/agreement/{label_field} viewer read
POST /comments/{comment_id}                   reviewer -
POST /content-note                            viewer   -
GET  /datasets                                viewer   -
GET  /datasets/{slug}                         viewer   -
GET  /datasets/{slug}/agreement               viewer   -
GET  /datasets/{slug}/agreement/{label_field} viewer   -
GET  /datasets/{slug}/agreement/{label_field}/entries viewer -
GET  /datasets/{slug}/charts                  viewer   -
GET  /datasets/{slug}/definitions             viewer   -
GET  /datasets/{slug}/entries                 viewer   -
GET  /datasets/{slug}/export                  lead     export
POST /datasets/{slug}/flags                   reviewer -
GET  /datasets/{slug}/guideline               viewer   -
POST /datasets/{slug}/guideline               lead     -
GET  /datasets/{slug}/guideline/edit          lead     -
GET  /datasets/{slug}/review                  reviewer -
POST /datasets/{slug}/verdicts                reviewer -
POST /datasets/{slug}/verdicts/confirm        reviewer -
POST /datasets/{slug}/verdicts/new            reviewer -
GET  /datasets/{slug}/views                   viewer   -
POST /datasets/{slug}/views                   viewer   -
GET  /datasets/{slug}/views/{view_id}         viewer   -
POST /datasets/{slug}/views/{view_id}/delete  viewer   -
POST /datasets/{slug}/views/{view_id}/name    viewer   -
POST /datasets/{slug}/views/{view_id}/pin     viewer   -
GET  /entries/{entry_id}                      viewer   -
GET  /entries/{entry_id}/comments             viewer   -
POST /entries/{entry_id}/comments             reviewer -
POST /entries/{entry_id}/comments/resolve     reviewer -
GET  /entries/{entry_id}/diff                 viewer   -
PUT  /entries/{entry_id}/draft                reviewer -
POST /entries/{entry_id}/draft/discard        reviewer -
GET  /entries/{entry_id}/history              viewer   -
GET  /entries/{entry_id}/others               viewer   -
POST /entries/{entry_id}/review               reviewer -
POST /entries/{entry_id}/skip                 reviewer -
GET  /entries/{entry_id}/texts                viewer   -
GET  /healthz                                 nobody   read
GET  /help                                    viewer   -
GET  /imports                                 lead     -
POST /imports                                 lead     -
GET  /imports/new                             lead     -
GET  /imports/{import_id}                     lead     -
POST /imports/{import_id}/cancel              lead     -
GET  /imports/{import_id}/changes             lead     -
GET  /imports/{import_id}/events              lead     -
POST /imports/{import_id}/import-now          lead     -
POST /imports/{import_id}/resume              lead     -
GET  /invitations/{secret}                    nobody   read
POST /invitations/{secret}                    nobody   read
GET  /pause                                   viewer   -
GET  /readyz                                  nobody   read
GET  /reviewers                               lead     -
POST /reviewers                               local    -
GET  /reviewers/{reviewer_id}/calibration     viewer   -
POST /rows                                    viewer   -
GET  /datasets/{slug}/plans                   lead     -
POST /datasets/{slug}/plans                   lead     -
GET  /datasets/{slug}/plans/new               lead     -
GET  /datasets/{slug}/plans/{plan_id}         lead     -
GET  /datasets/{slug}/plans/{plan_id}/entries.csv lead -
GET  /sessions                                viewer   -
POST /sessions                                lead     -
GET  /sessions/new                            lead     -
GET  /sessions/{session_id}                   viewer   -
POST /sessions/{session_id}/items/{item_id}   lead     -
POST /sessions/{session_id}/next              reviewer -
POST /sessions/{session_id}/participants      lead     -
GET  /sessions/{session_id}/review            reviewer -
POST /sessions/{session_id}/state             lead     -
GET  /sessions/{session_id}/adjudication      lead     -
GET  /sessions/{session_id}/adjudication/{entry_id} lead -
POST /sessions/{session_id}/adjudication/{entry_id} lead -
POST /sessions/{session_id}/adjudication/{entry_id}/reopen lead -
GET  /sessions/{session_id}/agreement         viewer   -
GET  /sessions/{session_id}/agreement/{label_field} viewer -
GET  /sessions/{session_id}/agreement/{label_field}/entries viewer -
GET  /sessions/{session_id}/report            viewer   -
GET  /sessions/{session_id}/card.md           viewer   -
GET  /sessions/{session_id}/ratings.csv       lead     -
GET  /help/statistics                         viewer   -
GET  /sessions/{session_id}/feedback          viewer   -
GET  /settings                                viewer   -
GET  /settings/exposure                       viewer   -
POST /settings/{section}                      viewer   -
GET  /sign-in                                 nobody   read
POST /sign-in                                 nobody   read
GET  /sign-in/oidc                            nobody   read
GET  /sign-in/oidc/callback                   nobody   read
POST /sign-out                                nobody   read
POST /texts                                   viewer   -
POST /undo                                    reviewer -
"""
ROWS = {(method, path): (role, scope) for method, path, role, scope in map(str.split, TABLE.strip().splitlines())}
REFUSED = re.compile(r"A (viewer|reviewer|lead|admin|token for [a-z, ]+) may not do this")


def asked(routes) -> list[tuple[str, str]]:
    return sorted((method, path) for path, methods, _ in routes for method in methods - {"HEAD"})


def is_refused(answer) -> bool:
    """By the gate, not by what comes behind it, such as a password that is asked for again."""
    return answer.status_code == 403 and bool(REFUSED.search(answer.text))


def ask(client, method: str, path: str, **more):
    """Of what is not there, so that nothing is changed and nothing takes long."""
    filled = re.sub(r"\{(\w+)[^}]*\}", lambda found: "none" if found[1] in ("slug", "secret") else "987654", path)
    return client.request(method, filled, follow_redirects=False, **more)


def test_every_route_stands_in_the_table_and_nothing_else(client):
    assert asked(routes_of(client.app)) == sorted(ROWS)


@pytest.fixture
def people(client, database) -> dict[str, int]:
    return {role: add_account(database, role, role) for role in ROLES}


def test_stranger_gets_past_no_gate_but_the_open_ones(client, people):
    client.headers["Sec-Fetch-Site"] = "same-origin"
    for (method, path), (least, _) in ROWS.items():
        answer = ask(client, method, path)
        is_sent_away = answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in?next=")
        assert is_sent_away == (least != "nobody"), (method, path, answer.status_code)


def test_roles_get_past_the_gates_that_the_table_says(client, database, people):
    wrong = []
    for role in ROLES:
        for (method, path), (least, _) in ROWS.items():
            sign_in(client, database, people[role])  # anew: some of them sign out
            allowed = least == "nobody" or (least != "local" and ROLES.index(role) >= ROLES.index(least))
            answer = ask(client, method, path)
            if answer.status_code >= 500 or is_refused(answer) == allowed:
                wrong.append((role, method, path, answer.status_code))
    assert not wrong


def test_tokens_get_past_the_gates_that_the_table_says(client, database, people):
    """Also those of an admin: a token can do no more than its scope."""
    with database.write() as db:
        for scope in SCOPES:
            token = {"name": scope, "token_hash": hash_of(scope), "expires_at": now() + timedelta(days=1)}
            db.add(ApiToken(reviewer_id=people["admin"], scopes=[scope], **token))
            db.add(
                ApiToken(reviewer_id=people["viewer"], scopes=[scope], **token | {"token_hash": hash_of(f"v{scope}")})
            )
    wrong = []
    for scope in SCOPES:
        for (method, path), (least, needed) in ROWS.items():
            for secret, role in ((scope, "admin"), (f"v{scope}", "viewer")):
                answer = ask(client, method, path, headers={"Authorization": f"Bearer {secret}"})
                has_role = least == "nobody" or (least != "local" and ROLES.index(role) >= ROLES.index(least))
                allowed = needed == scope and has_role
                if answer.status_code >= 500 or is_refused(answer) == allowed:
                    wrong.append((role, scope, method, path, answer.status_code))
    assert not wrong
