"""The page on which leads see how far everybody is."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from starlette.testclient import TestClient

from app.db import Database
from app.models import Membership, Review, Reviewer
from app.models.base import now
from tests.factories import import_rows, rows
from tests.team import add_account

Team = Callable[[str], TestClient]
AGREE = {"action": "agree_rest", "revision": "0"}


def lines(html: str) -> dict[str, list[str]]:
    """By name: the texts of the cells of its row."""
    found = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL):
        cells = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.split(r"</t[hd]>", row)]
        found[cells[0]] = cells[1:-1]
    return found


def test_lead_sees_how_far_everybody_is(sample: None, team: Team, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(3), slug="pears")
    alice = team("alice")
    for entry in (1, 2, 3):
        alice.post(f"/entries/{entry}/review", data=AGREE | ({"flag": "yes"} if entry == 1 else {}))
    alice.post("/entries/306/review", data=AGREE)
    alice.post("/entries/5/skip")
    with database.write() as db:
        for review, seconds in zip(db.query(Review).order_by(Review.id), (10, 20, 31, None), strict=True):
            review.active_seconds = seconds
        db.query(Review).filter_by(entry_id=2).update({"updated_at": now() - timedelta(days=40)})
    html = team("carol").get("/reviewers").text
    shown = lines(html)
    assert shown["alice"][:6] == ["4", "3", "3", "1", "1", "20 s"]
    assert shown["Sample pairs"][:5] == ["3", "2", "2", "1", "1"]
    assert shown["pears"][:5] == ["1", "1", "1", "0", "0"]
    assert shown["bob"] == ["0", "0", "0", "0", "0", "–", "never"]
    assert "carol lead" in shown
    assert "vera" not in html.split("<table", 1)[1].split("</table>")[0]  # may not review
    assert "agree" not in html.split("<main", 1)[1].split("</main>")[0]
    link = re.search(r'href="(/datasets/sample/entries\?reviewer=alice)"', html)
    assert link
    assert "3 entries" in team("carol").get(link[1]).text


def test_progress_is_of_the_datasets_one_sees(sample: None, team: Team, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(3), slug="pears")
    add_account(database, "carol", "lead", sees_all_datasets=False)
    with database.write() as db:
        carol = db.query(Reviewer.id).filter_by(name="carol").one().id
        db.add(Membership(reviewer_id=carol, dataset_id=2))
    add_account(database, "bob", "reviewer", disabled_at=now())
    for name, entry in (("alice", 1), ("alice", 306), ("dana", 1)):
        assert team(name).post(f"/entries/{entry}/review", data=AGREE).status_code == 200
    shown = lines(team("carol").get("/reviewers").text)
    assert shown["alice"][0] == "1"
    assert shown["dana admin"][0] == "0"
    assert not [name for name in shown if name.startswith("bob")]


def test_others_see_no_progress(sample: None, team: Team) -> None:
    for name in ("vera", "alice"):
        client = team(name)
        assert client.get("/reviewers").status_code == 403
        nav = client.get("/help").text.split('class="main-nav"', 1)[1].split("</nav>")[0]
        assert not any(f'"{path}"' in nav for path in ("/reviewers", "/activity", "/accounts"))


def test_nav_leads_where_one_may_go(sample: None, team: Team) -> None:
    for name, paths in {"carol": ("/reviewers", "/activity"), "dana": ("/reviewers", "/activity", "/accounts")}.items():
        client = team(name)
        nav = client.get("/help").text.split('class="main-nav"', 1)[1].split("</nav>")[0]
        for path in paths:
            assert f'href="{path}"' in nav
            assert 'aria-current="page"' in client.get(path).text.split('class="main-nav"', 1)[1].split("</nav>")[0]
