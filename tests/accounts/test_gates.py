"""Deny by default: nobody gets past the gate of a route but whom the table lets through."""

import pytest

from app.main import create_app
from app.web.access import routes_of


def test_route_without_permission_does_not_start(settings):
    app = create_app(settings)
    app.add_api_route("/back-door", lambda: "open")
    with pytest.raises(LookupError, match="/back-door must say once"):
        routes_of(app)


def test_stranger_is_sent_to_sign_in(sample, client, team):
    page = client.get("/datasets?x=1", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Fdatasets%3Fx%3D1")
    answer = client.get("/api/v1/datasets")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    saved = client.put("/entries/1/draft", data={"sequence": "1"})
    assert (saved.status_code, saved.json()["title"]) == (401, "Sign in first")
    client.cookies.set("reviewer", "1")
    assert client.get("/settings", follow_redirects=False).status_code == 303


def test_viewer_reads_and_does_not_review(sample, team):
    vera = team("vera")
    assert vera.get("/datasets").status_code == 200
    refused = vera.post("/entries/1/review", data={"action": "rest"})
    assert refused.status_code == 403
    assert "A viewer may not do this" in refused.text
    assert vera.post("/reviewers", data={"name": "alice"}).status_code == 403


def test_reviewer_reviews_and_does_not_import(sample, team):
    alice = team("alice")
    assert alice.post("/entries/1/review", data={"action": "rest"}, follow_redirects=False).status_code == 303
    assert alice.get("/imports").status_code == 403
    assert team("carol").get("/imports").status_code == 200
