"""Files of the server: those below the import folder, and no others."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.factories import rows, write_jsonl
from tests.web.imports.asking import SERVER, send
from tests.web.test_entries import text_of


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
