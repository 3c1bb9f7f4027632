"""A Hub of our own on a loopback port, which serves one folder as a dataset repository with one commit."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "9421ffa0" * 5


@contextmanager
def serving_hub(folder: Path, name: str) -> Iterator[str]:
    """The endpoint's URL, as HF_ENDPOINT takes it."""

    class Hub(_Hub):
        repository, root = name, folder

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Hub(BaseHTTPRequestHandler):
    repository: str
    root: Path
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if f"/api/datasets/{self.repository}/paths-info/" not in self.path:
            return self._missing("EntryNotFound")
        wanted = re.findall(r'"([^"]+)"', body.decode()) if body.startswith(b"{") else []
        self._json([item for item in self._tree() if item["path"] in wanted])
        return None

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        api, resolve = f"/api/datasets/{self.repository}", f"/datasets/{self.repository}/resolve/"
        if path.startswith(resolve):
            revision, _, file_name = path.removeprefix(resolve).partition("/")
            return self._file(self.root / file_name) if self._knows(revision) else self._missing("RevisionNotFound")
        if path == api or path.startswith(f"{api}/revision/"):
            revision = path.removeprefix(api).removeprefix("/revision/") or "main"
            return self._info() if self._knows(revision) else self._missing("RevisionNotFound")
        if path.startswith(f"{api}/tree/"):
            _, _, folder = path.removeprefix(f"{api}/tree/").partition("/")
            return self._listing(folder, "recursive=true" in self.path.lower())
        return self._missing("RepoNotFound")

    def _knows(self, revision: str) -> bool:
        return revision in ("main", "v1", COMMIT)

    def _info(self) -> None:
        files = [{"rfilename": item["path"]} for item in self._tree()]
        self._json({"id": self.repository, "sha": COMMIT, "siblings": files, "private": False, "tags": []})

    def _tree(self) -> list[dict[str, object]]:
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        return [
            {"type": "file", "path": str(path.relative_to(self.root)), "size": path.stat().st_size, "oid": _oid(path)}
            for path in files
        ]

    def _listing(self, folder: str, recursive: bool) -> None:
        if not (self.root / folder).is_dir():
            return self._missing("EntryNotFound")
        inside = [item for item in self._tree() if str(item["path"]).startswith(f"{folder}/" if folder else "")]
        folders = {str(parent) for item in inside for parent in list(Path(str(item["path"])).parents)[:-1]}
        items = [*inside, *({"type": "directory", "path": path, "oid": COMMIT, "size": 0} for path in sorted(folders))]
        here = [item for item in items if recursive or str(Path(str(item["path"])).parent) == (folder or ".")]
        return self._json([item for item in here if item["path"] != folder])

    def _file(self, path: Path) -> None:
        if not path.is_file():
            return self._missing("EntryNotFound")
        headers = {"ETag": f'"{_oid(path)}"', "X-Repo-Commit": COMMIT}
        return self._send(200, path.read_bytes(), "application/octet-stream", headers)

    def _json(self, data: object) -> None:
        self._send(200, json.dumps(data).encode(), "application/json", {})

    def _missing(self, code: str) -> None:
        self._send(404, b"{}", "application/json", {"X-Error-Code": code, "X-Error-Message": code})

    def _send(self, status: int, body: bytes, media_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": media_type, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _oid(path: Path) -> str:
    return sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
