"""The form: three ways to say what is to be imported, and what is wrong with it."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from tests.factories import rows, write_jsonl
from tests.web.imports.asking import HUB, SERVER, UPLOAD, begun, ended, eventually, lines, send, uploaded
from tests.web.test_entries import text_of


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
