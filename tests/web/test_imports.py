"""Imports from the browser: asked for by a form, run by a process of their own, followed, cancelled, resumed."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.importing.queries import get_import
from app.importing.queue import cancel_import, mark_interrupted, queue_import
from app.importing.requests import ImportRequest
from app.locks import file_lock
from app.main import create_app
from app.models import DatasetImport, ImportState
from app.settings import Settings
from tests.factories import import_rows, row, rows, write_jsonl
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, verdict

HUB = {"origin": "hub", "into": "new"}
UPLOAD = {"origin": "upload", "into": "new"}
SERVER = {"origin": "server", "into": "new"}


def lines(of: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in of).encode()


def send(client: TestClient, fields: dict[str, str], file: tuple[str, bytes] | None = None) -> httpx2.Response:
    """As a browser does: an empty file field, too, is sent."""
    return client.post("/imports", data=fields, files={"file": file or ("", b"")}, follow_redirects=False)


def begun(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"])


def ended(client: TestClient, path: str) -> str:
    """Follows the import until it is over; what its page then says."""
    assert "event: over" in client.get(f"{path}/events").text
    return text_of(client.get(path).text)


def eventually(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not become so within 30 seconds")


def uploaded(settings: Settings) -> list[Path]:
    return [path for path in settings.uploads_dir.rglob("*") if path.is_file()]


@pytest.fixture
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))


@pytest.fixture
def server_file(settings: Settings) -> Path:
    return write_jsonl(settings.importable_dir / "cats" / "train.jsonl", rows(3))


@pytest.fixture
def line(settings: Settings) -> Iterator[ExitStack]:
    """Another import runs for as long as this is open."""
    with ExitStack() as held:
        held.enter_context(file_lock(settings.data_dir / "import.turn"))
        yield held


# ---- asking


def test_form_offers_three_ways(pairs: None, server_file: Path, client: TestClient) -> None:
    page = client.get("/imports/new?source=server&into=pairs")
    for said in ("Hugging Face Hub", "On the server", "Upload a file", "the only thing that uses the network"):
        assert said in page.text
    assert "cats/train.jsonl (" in page.text
    assert re.search(r'value="existing" checked', page.text)
    assert client.get("/imports/new?source=elsewhere").status_code == 422
    assert client.get("/imports/new?into=nothing").status_code == 404


def test_uploaded_file_becomes_a_dataset(alice: TestClient, settings: Settings) -> None:
    path = begun(send(alice, UPLOAD, ("My cats, test.jsonl", lines(rows(5)))))
    page = ended(alice, path)
    for said in ("complete", "Added 5", "My cats, test.jsonl", "from the browser by alice", "19 categories"):
        assert said in page
    assert "5 entries" in text_of(alice.get("/datasets/my-cats-test/entries").text)
    assert "test 5" in text_of(alice.get("/datasets/my-cats-test/entries").text)
    eventually(lambda: not uploaded(settings))


def test_server_file_becomes_a_dataset(client: TestClient, server_file: Path) -> None:
    path = begun(send(client, SERVER | {"path": "cats/", "name": "All my Cats"}))
    assert "Added 3" in ended(client, path)
    ended(client, begun(send(client, SERVER | {"path": "cats/"})))
    for slug in ("all-my-cats", "cats"):
        assert client.get(f"/datasets/{slug}/entries").status_code == 200
    assert server_file.exists()


def test_hub_name_is_asked_for_as_it_was_typed(
    client: TestClient, line: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    part = {"hub_name": "cats/of-the-world", "revision": "v0", "subset": "indoor", "splits": "train, test"}
    path = begun(send(client, HUB | part))
    page = text_of(client.get(path).text)
    for said in ("cats/of-the-world", "of-the-world-indoor-v0", "v0", "indoor", "train, test"):
        assert said in page
    line.close()
    assert "It failed." in ended(client, path)


@pytest.mark.parametrize(
    "name", ["", "cats", "../cats", "a/b/c", "/etc/passwd", "https://x.example/y", "cats/..", "a/\0"]
)
def test_what_is_no_hub_name_is_refused(client: TestClient, name: str) -> None:
    answer = send(client, HUB | {"hub_name": name})
    assert answer.status_code == 422
    assert "A name on the Hub looks like" in text_of(answer.text)


def test_hub_name_does_not_read_a_folder_of_the_server(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jsonl(tmp_path / "cats" / "secret" / "train.jsonl", rows(1))
    monkeypatch.chdir(tmp_path)
    answer = send(client, HUB | {"hub_name": "cats/secret"})
    assert (answer.status_code, "there is a folder of this name" in answer.text) == (422, True)


def test_every_mistake_is_told_and_nothing_typed_is_lost(pairs: None, client: TestClient) -> None:
    typed = {"hub_name": "no name", "name": "Pairs", "columns": "prompt", "subset": "in\ndoor", "strict": "yes"}
    answer = send(client, HUB | typed)
    page = text_of(answer.text)
    assert answer.status_code == 422
    assert "4 things need another look" in page
    for said in ("looks like PKU-Alignment", "There is a dataset pairs already", "is not of the form"):
        assert said in page
    assert 'value="no name"' in answer.text
    assert re.search(r'name="strict" value="yes" checked', answer.text)
    assert "Choose one of the datasets" in send(client, HUB | {"into": "existing", "slug": "cats"}).text
    assert "Choose where the data are" in send(client, {"origin": "nowhere"}).text


def test_upload_survives_another_mistake(pairs: None, client: TestClient, settings: Settings) -> None:
    answer = send(client, UPLOAD | {"name": "pairs"}, ("cats.jsonl", lines(rows(2))))
    assert answer.status_code == 422
    assert "cats.jsonl is uploaded already" in text_of(answer.text)
    token = re.findall(r'name="upload" value="(\w+)"', answer.text)[0]
    again = {"upload": token, "upload_name": "cats.jsonl", "name": "cats"}
    assert "Added 2" in ended(client, begun(send(client, UPLOAD | again)))


@pytest.mark.parametrize("token", ["", "..", "0" * 32, "../imports"])
def test_upload_that_is_not_there_is_asked_for(client: TestClient, token: str) -> None:
    answer = send(client, UPLOAD | {"upload": token, "upload_name": "x.jsonl"})
    assert (answer.status_code, "Choose a file to upload" in answer.text) == (422, True)


# ---- what comes in


@pytest.mark.parametrize("name", ["../../evil.jsonl", "/etc/cron.d/evil.JSONL", "C:\\evil.jsonl", "\x00evil.jsonl"])
def test_name_of_an_upload_is_never_a_path(client: TestClient, settings: Settings, line: ExitStack, name: str) -> None:
    begun(send(client, UPLOAD | {"name": "cats"}, (name, lines(rows(1)))))
    (path,) = uploaded(settings)
    assert re.fullmatch(r"[0-9a-f]{32}/data\.jsonl", str(path.relative_to(settings.uploads_dir)))
    assert not list(settings.data_dir.parent.rglob("*evil*"))


@pytest.mark.parametrize("name", ["cats.exe", "cats.pkl", "cats.jsonl.exe", "cats", ".gz"])
def test_unknown_format_is_not_kept(client: TestClient, settings: Settings, name: str) -> None:
    answer = send(client, UPLOAD, (name, b"x" * 100_000))
    assert (answer.status_code, "no format that can be read" in text_of(answer.text)) == (422, True)
    assert not uploaded(settings)


def test_file_is_not_kept_when_another_way_was_chosen(client: TestClient, settings: Settings) -> None:
    assert send(client, HUB, ("cats.jsonl", lines(rows(1)))).status_code == 422
    assert not uploaded(settings)


FORM = "multipart/form-data; boundary=cake"
PART = b'--cake\r\nContent-Disposition: form-data; name="file"; filename="cats.jsonl"\r\n\r\n{"prompt"'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, PART),
        (FORM, b"no form at all"),
        (FORM, b""),
        ("multipart/form-data; boundary=" + "x" * 300, PART),
        ("multipart/form-data", PART),
        ("application/x-www-form-urlencoded", b"origin=hub"),
        (FORM, b'--cake\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 70_000 + b"\r\n--cake--\r\n"),
        (FORM, b'--cake\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 50 + b"--cake--\r\n"),
    ],
    ids=["broken off", "no form", "nothing", "boundary", "no boundary", "urlencoded", "long field", "many fields"],
)
def test_form_that_cannot_be_read_leaves_nothing(
    client: TestClient, settings: Settings, kind: str, body: bytes
) -> None:
    answer = client.post("/imports", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert not uploaded(settings)


def test_second_file_is_read_past(client: TestClient, settings: Settings, line: ExitStack) -> None:
    files = [("file", ("cats.jsonl", lines(rows(1)))), ("file", ("dogs.jsonl", lines(rows(2))))]
    begun(client.post("/imports", data=UPLOAD, files=files, follow_redirects=False))
    assert [path.read_bytes() for path in uploaded(settings)] == [lines(rows(1))]


@pytest.fixture
def small(settings: Settings) -> Iterator[TestClient]:
    """A server that takes uploads of 1 MiB."""
    app = create_app(settings.model_copy(update={"max_upload_mb": 1}))
    with TestClient(app, base_url="http://127.0.0.1") as opened:
        yield opened


def test_upload_that_is_too_large_is_refused(small: TestClient, settings: Settings) -> None:
    answer = send(small, UPLOAD, ("cats.jsonl", b"x" * 3_000_000))
    assert (answer.status_code, "larger than" in answer.text) == (413, True)
    pieces = iter([PART, *[b"x" * 65_536] * 40])  # without a length said beforehand
    answer = small.post("/imports", content=pieces, headers={"Content-Type": FORM})
    assert answer.status_code == 413
    assert not uploaded(settings)


def test_upload_may_be_larger_than_a_form(client: TestClient, settings: Settings, line: ExitStack) -> None:
    begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)) * 3000)))
    assert uploaded(settings)[0].stat().st_size > 2_000_000


def test_full_disk_is_said_and_leaves_nothing(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda *_: Full())
    answer = send(client, UPLOAD, ("cats.jsonl", lines(rows(1))))
    monkeypatch.undo()
    assert (answer.status_code, "No space left on device" in answer.text) == (500, True)
    assert not list(settings.uploads_dir.iterdir())


# ---- files of the server


@pytest.fixture
def outside(settings: Settings, tmp_path: Path) -> Path:
    """Links inside the import folder that lead to a file and a folder outside of it, nowhere, and to themselves."""
    secret = write_jsonl(tmp_path / "outside" / "secret.jsonl", rows(1))
    folder = settings.importable_dir
    (folder / "linked").mkdir(parents=True)
    (folder / "secret.jsonl").symlink_to(secret)
    (folder / "outside").symlink_to(secret.parent)
    (folder / "linked" / "train.jsonl").symlink_to(secret)
    (folder / "nowhere.jsonl").symlink_to(folder / "gone.jsonl")
    (folder / "circle.jsonl").symlink_to(folder / "circle.jsonl")
    return secret


@pytest.mark.parametrize(
    "path",
    [
        *("", "../outside/secret.jsonl", "/etc/passwd", "secret.jsonl", "outside", "outside/secret.jsonl", "linked"),
        *("nowhere.jsonl", "circle.jsonl", "cats/../../outside/secret.jsonl", "x" * 5000, "a\0b", "gone.jsonl", "~"),
    ],
)
def test_no_path_leads_out_of_the_import_folder(
    client: TestClient, server_file: Path, outside: Path, path: str
) -> None:
    answer = send(client, SERVER | {"path": path, "name": "cats"})
    assert answer.status_code == 422
    assert re.search(r"There is no such file|Choose a file or a folder|leads out", text_of(answer.text))


def test_list_shows_what_can_be_imported_and_nothing_else(client: TestClient, server_file: Path, outside: Path) -> None:
    folder = server_file.parent
    for name in (".hidden.jsonl", "notes.txt", "line\nbreak.jsonl"):
        (folder / name).write_text("x")
    (folder / "again.jsonl").symlink_to(server_file)
    page = client.get("/imports/new?source=server").text
    shown = re.findall(r'<option value="([^"]+)"', page.split('id="path"')[1].split("</select>")[0])
    assert shown == ["cats/", "cats/again.jsonl", "cats/train.jsonl", "linked/"]


def test_list_is_bounded(client: TestClient, settings: Settings) -> None:
    settings.importable_dir.mkdir()
    for number in range(510):
        (settings.importable_dir / f"{number:03}.jsonl").touch()
    page = client.get("/imports/new?source=server").text
    assert page.count("<option value=") == 501
    assert "more than the 500 listed here" in page


def test_import_folder_may_be_another_one(settings: Settings, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "shelf" / "plants.jsonl", rows(1))
    app = create_app(settings.model_copy(update={"import_dir": tmp_path / "shelf"}))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "plants.jsonl" in client.get("/imports/new?source=server").text


# ---- into a dataset that is there


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


# ---- waiting, cancelling, resuming


def state_of(database: Database, import_id: int) -> str:
    with database.read() as db:
        return get_import(db, import_id).state


def test_waiting_import_says_so_and_runs_in_its_turn(client: TestClient, line: ExitStack) -> None:
    first = begun(send(client, UPLOAD | {"name": "cats"}, ("cats.jsonl", lines(rows(1)))))
    second = begun(send(client, UPLOAD | {"name": "dogs"}, ("dogs.jsonl", lines(rows(2)))))
    assert "Waiting for another import to end" in text_of(client.get(second).text)
    listed = text_of(client.get("/imports").text)
    assert listed.index("Running now") < listed.index("Import 1 cats.jsonl") < listed.index("Import 2 dogs.jsonl")
    line.close()
    assert "Added 2" in ended(client, second)
    assert "Added 1" in ended(client, first)


def test_waiting_import_is_cancelled_at_once(client: TestClient, line: ExitStack) -> None:
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert begun(client.post(f"{path}/cancel", follow_redirects=False)) == path
    assert "cancelled" in text_of(client.get(path).text)
    assert client.post(f"{path}/cancel").status_code == 409
    line.close()
    again = begun(client.post(f"{path}/resume", follow_redirects=False))
    assert "Added 1" in ended(client, again)
    assert client.post(f"{again}/resume").status_code == 409
    assert "cancelled" in text_of(client.get(path).text)


@pytest.fixture
def running(database: Database, tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """An import whose process is one that does nothing, but for holding the lock."""
    request = ImportRequest(sources=(str(tmp_path / "cats.jsonl"),), slug="cats")
    import_id, lock = queue_import(database, request, command="saferlhf-review import cats.jsonl --as cats")
    with subprocess.Popen(["sleep", "600"], pass_fds=(lock,)) as process:
        os.close(lock)
        with database.write() as db:
            record = get_import(db, import_id)
            record.state, record.started_at, record.process_id = ImportState.RUNNING, record.requested_at, process.pid
            record.bytes_read, record.bytes_total, record.rows_read, record.rows_rejected = 25, 100, 1234, 7
        yield import_id, process
        process.kill()


def test_running_import_shows_how_far_it_is(
    client: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    with database.write() as db:
        record = get_import(db, running[0])
        record.started_at = record.requested_at.replace(year=record.requested_at.year - 1)
    page = client.get(f"/imports/{running[0]}")
    for said in ("Rows read 1,234", "Rejected so far 7", "Rows per second 0", " h Rejected"):
        assert said in text_of(page.text)
    assert 'value="0.25"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "saferlhf-review import cats.jsonl --as cats" in page.text


def test_running_import_is_asked_to_end(
    alice: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    import_id, process = running
    begun(alice.post(f"/imports/{import_id}/cancel", follow_redirects=False))
    assert process.wait(30) == -signal.SIGTERM
    # This one did not say itself how it ended.
    assert "event: over" in alice.get(f"/imports/{import_id}/events").text
    assert state_of(database, import_id) == ImportState.INTERRUPTED


def test_dead_import_is_interrupted_and_can_be_resumed(
    client: TestClient, database: Database, tmp_path: Path, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    import_id, process = running
    process.kill()
    process.wait()
    write_jsonl(tmp_path / "cats.jsonl", rows(3))
    page = text_of(client.get(f"/imports/{import_id}").text)
    assert "It stopped before its end: the process ended before it was done" in page
    again = begun(client.post(f"/imports/{import_id}/resume", follow_redirects=False))
    assert "Added 3" in ended(client, again)
    assert mark_interrupted(database) == []


def test_cancelling_what_has_just_ended_harms_nobody(
    database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    running[1].kill()
    running[1].wait()
    cancel_import(database, running[0], None)
    assert mark_interrupted(database) == [("cats", 1234)]


def test_dead_revision_of_a_dataset_makes_lists_look_again(
    pairs: None, client: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    with database.write() as db:
        get_import(db, running[0]).dataset_id = 1
    running[1].kill()
    running[1].wait()
    assert mark_interrupted(database) == [("cats", 1234)]
    assert client.get("/datasets/pairs/entries").status_code == 200


def test_import_of_a_restored_database_is_interrupted(client: TestClient, database: Database) -> None:
    with database.write() as db:
        db.add(DatasetImport(slug="", source="cats", splits=[], files=[], warnings={}, state=ImportState.RUNNING))
    assert "It stopped before its end" in text_of(client.get("/imports/1").text)


def test_process_that_cannot_even_start_leaves_an_interrupted_import(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert "It stopped before its end" in ended(client, path)


def test_server_that_ends_interrupts_its_imports(settings: Settings, database: Database, line: ExitStack) -> None:
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert state_of(database, 1) == ImportState.INTERRUPTED
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        line.close()
        again = begun(client.post("/imports/1/resume", follow_redirects=False))
        assert "Added 1" in ended(client, again)


def test_server_ends_although_a_page_follows_an_import(
    settings: Settings, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    environment = {**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        url = re.findall(r"http://\S+", server.stderr.readline())[0]
        with httpx2.stream("GET", f"{url}/imports/{running[0]}/events", timeout=30) as answer:
            pieces = answer.iter_text()
            assert "Rows read" in next(pieces)
            server.send_signal(signal.SIGTERM)
            rest = "".join(pieces)
        said = server.stderr.read()
    assert "event: over" not in rest  # the page asks again when there is a server again
    assert "timeout graceful shutdown exceeded" not in said
    assert server.returncode in (0, -signal.SIGTERM)


# ---- pages and uploads afterwards


def test_list_of_imports_begins_empty_and_comes_in_pages(client: TestClient, database: Database) -> None:
    assert "Nothing was imported yet" in client.get("/imports").text
    with database.write() as db:
        for _ in range(103):
            db.add(DatasetImport(slug="", source="cats", splits=[], files=[], warnings={}, state=ImportState.FAILED))
    first = client.get("/imports").text
    assert first.count("✕ failed") == 100
    older = re.findall(r'href="(/imports\?before=\d+)"', first)[0]
    assert client.get(older).text.count("✕ failed") == 3
    assert client.get("/imports/1").status_code == 200  # one from before there were requests


def test_list_fetches_itself_while_something_runs(
    client: TestClient, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    assert 'hx-trigger="every 2s"' in client.get("/imports").text
    part = client.get("/imports", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<div id="list"')


def test_import_that_there_is_not(client: TestClient) -> None:
    for path in ("/imports/9", "/imports/9/events", "/imports/x", f"/imports/{2**63}"):
        assert client.get(path).status_code in (404, 422)
    for verb in ("cancel", "resume", "import-now"):
        assert client.post(f"/imports/9/{verb}").status_code == 404


@pytest.mark.parametrize("path", ["/imports", "/imports/1/cancel", "/imports/1/resume", "/imports/1/import-now"])
def test_other_sites_cannot_import(pairs: None, client: TestClient, path: str) -> None:
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_upload_that_is_gone_cannot_be_resumed(client: TestClient, settings: Settings, line: ExitStack) -> None:
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    client.post(f"{path}/cancel")
    uploaded(settings)[0].unlink()
    page = client.get(path).text
    assert "upload it again" in page
    assert "/resume" not in page


def test_start_removes_uploads_that_nobody_needs(settings: Settings, database: Database) -> None:
    kinds = ("complete", "cancelled", "running", "dry", "old", "fresh")
    paths = {kind: settings.uploads_dir / kind / "data.jsonl" for kind in kinds}
    for path in paths.values():
        write_jsonl(path, rows(1))
    long_ago = time.time() - 8 * 24 * 3600
    for kind in ("old", "running"):
        os.utime(paths[kind].parent, (long_ago, long_ago))
    locks = []
    for kind, state in (
        ("complete", ImportState.COMPLETE), ("dry", ImportState.COMPLETE),
        ("cancelled", ImportState.CANCELLED), ("running", ImportState.RUNNING),
    ):  # fmt: skip
        request = ImportRequest(sources=(str(paths[kind]),), dry_run=kind == "dry", title="cats.jsonl")
        import_id, lock = queue_import(database, request)
        locks.append(lock)
        with database.write() as db:
            get_import(db, import_id).state = state
    with TestClient(create_app(settings), base_url="http://127.0.0.1"):
        left = {kind for kind, path in paths.items() if path.exists()}
    for lock in locks:
        os.close(lock)
    assert left == {"cancelled", "running", "dry", "fresh"}


def test_log_holds_no_name_of_an_upload(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "app"):
        path = begun(send(client, UPLOAD | {"name": "secretname"}, ("secretfile.jsonl", lines(rows(1)))))
        ended(client, path)
        send(client, UPLOAD, ("secretfile.exe", b"x"))
    assert "POST /imports 303" in caplog.text
    assert "secret" not in caplog.text
