"""Uploaded files: never a path, bounded, and nothing is left of what failed."""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.factories import rows
from tests.web.imports.asking import HUB, UPLOAD, begun, lines, send, uploaded
from tests.web.test_entries import text_of


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
