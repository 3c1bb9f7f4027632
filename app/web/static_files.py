"""Style sheets and scripts: packed once as small as it goes, and kept by browsers for good."""

import gzip
import os
from functools import lru_cache
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

_YEAR = "public, max-age=31536000, immutable"
_TEXTS = (".css", ".js", ".svg", ".txt")


@lru_cache(maxsize=64)
def _packed(path: str, _modified: float) -> bytes:
    """Answers made anew are packed fast; these are few, and every page waits for them."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


class HashedStaticFiles(StaticFiles):
    """What was asked for with its content's hash may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _YEAR if scope["query_string"].startswith(b"v=") else "no-cache"
        return response

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response, asked = super().file_response(full_path, stat_result, scope, status_code), Headers(scope=scope)
        takes_packed = "gzip" in asked.get("accept-encoding", "") and "range" not in asked
        if response.status_code != 200 or not takes_packed or not str(full_path).endswith(_TEXTS):
            return response
        kept = {name: response.headers[name] for name in ("content-type", "last-modified", "etag")}
        content = _packed(str(full_path), stat_result.st_mtime)
        return Response(content, headers={**kept, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
