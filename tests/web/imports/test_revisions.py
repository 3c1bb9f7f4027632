"""Into a dataset that is there: shown first, then made."""

import re
from pathlib import Path

from starlette.testclient import TestClient

from app.db import Database
from app.settings import Settings
from tests.factories import import_rows, row, rows
from tests.web.imports.asking import UPLOAD, begun, ended, lines, send
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, verdict

CHANGED = [row(0, unsafe_0=(3, "Cybercrime")), row(1), row(2), row(9)]
EXISTING = {"origin": "upload", "into": "existing", "slug": "pairs"}


def test_revision_is_shown_before_it_is_made(pairs: None, alice: TestClient) -> None:
    save(alice, 1, **verdict("response_0.is_safe", "agree"), **verdict("response_0.severity_level", "agree"))
    tried = begun(send(alice, EXISTING, ("newer-train.jsonl", lines(CHANGED))))
    page = ended(alice, tried)
    for said in ("Nothing was changed", "Added 1", "Unchanged 2", "Label changed 1", "Withdrawn 1", "outdated by it 1"):
        assert said in page
    changes = text_of(alice.get(f"{tried}/changes?field=response_0.severity_level").text)
    for said in ("would change in 1 entry", "Entry 1 0 none 3 severe", "1 would be outdated"):
        assert said in changes
    assert "Entry 4 here withdrawn" in text_of(alice.get(f"{tried}/changes?field=withdrawn").text)
    assert "4 entries" in text_of(alice.get("/datasets/pairs/entries").text)

    done = begun(alice.post(f"{tried}/import-now", follow_redirects=False))
    page = ended(alice, done)
    for said in ("complete", "Added 1", "Label changed 1", "Withdrawn 1"):
        assert said in page
    assert "Nothing was changed" not in page
    assert "1 outdated" in text_of(alice.get(f"{done}/changes?field=response_0.is_safe").text)
    assert alice.post(f"{done}/import-now").status_code == 409


def test_kept_entries_are_not_withdrawn(pairs: None, client: TestClient) -> None:
    path = begun(send(client, EXISTING | {"keep_missing": "yes"}, ("x-train.jsonl", lines([row(0)]))))
    page = ended(client, path)
    assert "Withdrawn 0" in page
    assert "Missing entries are kept" in page


def test_changes_come_in_pages(pairs: None, database: Database, client: TestClient, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(150), slug="many")
    found = import_rows(database, tmp_path, [row(n, better_response_id=0) for n in range(150)], slug="many")
    first = client.get(f"/imports/{found}/changes?field=better_response_id").text
    assert first.count('<a href="/entries/') == 100
    more = re.findall(r'href="([^"]+after=\d+)"', first)[0].replace("&amp;", "&")
    assert client.get(more).text.count('<a href="/entries/') == 50
    assert "There are no more" in client.get(f"/imports/{found}/changes?field=better_response_id&after=99999").text


def test_what_did_not_change_has_no_list(pairs: None, client: TestClient) -> None:
    answer = client.get("/imports/1/changes?field=response_0.is_safe")
    assert (answer.status_code, "nothing" in answer.text) == (422, True)
    assert client.get("/imports/99/changes?field=withdrawn").status_code == 404


def test_strict_import_fails_at_the_first_bad_row(client: TestClient) -> None:
    content = lines(rows(1)) + b"not json\n"
    path = begun(send(client, UPLOAD | {"strict": "yes"}, ("cats-train.jsonl", content)))
    page = ended(client, path)
    assert "It failed. cats-train.jsonl:2: is not JSON" in page
    assert "the first bad row fails it" in page
    assert client.get("/datasets/cats-train").status_code == 404


def test_error_calls_an_upload_by_its_name(client: TestClient, settings: Settings) -> None:
    path = begun(send(client, UPLOAD, ("My cats.parquet", b"no parquet at all")))
    page = ended(client, path)
    assert "It failed. My cats.parquet" in page
    assert str(settings.data_dir) not in page


def test_columns_may_have_other_names(client: TestClient) -> None:
    renamed = [{"question": one.pop("prompt"), **one} for one in rows(2)]
    fields = UPLOAD | {"name": "cats", "columns": "prompt=question"}
    page = ended(client, begun(send(client, fields, ("cats.jsonl", lines(renamed)))))
    assert "Added 2" in page
    assert "prompt = question" in page
