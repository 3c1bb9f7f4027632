"""The least that a page can cost: the same bytes from a route that does nothing, behind the same kind of server.

python -m tests.bench.hello FILE
"""

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware


def hello(page: str) -> FastAPI:
    app = FastAPI(middleware=[Middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)])

    @app.get("/")
    async def show() -> HTMLResponse:
        return HTMLResponse(page)

    return app


def serve(path: Path) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]} \n")
    settings = {"access_log": False, "server_header": False, "proxy_headers": False, "log_level": "warning"}
    uvicorn.Server(uvicorn.Config(hello(path.read_text()), **settings)).run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
