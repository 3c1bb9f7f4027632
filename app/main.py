"""create_app: the application put together; nothing else."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from threading import Thread
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from app import api, web
from app.browsing.engine.index import BrowseIndexes
from app.db import READERS, open_database
from app.exporting.formats import MEDIA_TYPES
from app.importing.processes import ImportProcesses
from app.importing.queries import find_datasets
from app.importing.uploads import remove_finished_uploads
from app.locks import in_use
from app.operations.secret_key import secret_key
from app.resources import resource
from app.settings import Settings, load_settings
from app.web.access import routes_of
from app.web.closing import closing_on_signals
from app.web.compression import Compression
from app.web.errors import install_error_handlers
from app.web.limits import MOST_BODY_BYTES, BodyLimit
from app.web.origins import Origins
from app.web.proxies import BehindProxies
from app.web.security import Guard
from app.web.static_files import HashedStaticFiles

# With 40 threads on one interpreter, reads were slower and their 95th percentile five times as long (measured).
THREADS = 4
COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, MEDIA_TYPES["parquet"])  # as they are


def _collect_seldom() -> None:
    """Looking for circles among what stays for good, and twice a page, was a tenth of a page's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@cache
def _routes() -> list[BaseRoute]:
    """The same in every app of a process: FastAPI takes a tenth of a second to work them out."""
    doors = APIRouter()
    for router in api.ROUTERS:
        doors.include_router(router, prefix="/api/v1")
    for router in web.ROUTERS:
        doors.include_router(router, include_in_schema=False)
    return doors.routes


def _provider(settings: Settings) -> Any:
    """What it needs takes a third of a second to load, and most do without."""
    return import_module("app.accounts.openid").Provider(settings) if settings.oidc_issuer else None


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or load_settings()
    provider = _provider(settings)
    most_upload_bytes = settings.max_upload_bytes + MOST_BODY_BYTES  # with the fields beside the file

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        # Each worker holds the lock itself: it may outlive the process that started it.
        with in_use(settings.database_path):
            key = secret_key(settings)
            database = open_database(settings.database_path)
            indexes = BrowseIndexes(database)
            with database.read() as db:
                for dataset in find_datasets(db):
                    with indexes.using(db, dataset):
                        pass
            remove_finished_uploads(database, settings.uploads_dir)
            imports = ImportProcesses(database, settings.uploads_dir)
            _collect_seldom()
            # What the first search or sort needs, without anybody waiting for it then, or for it now.
            Thread(target=import_module, args=("numpy",), daemon=True).start()
            with closing_on_signals() as closing:
                yield {
                    "settings": settings,
                    "secret_key": key,
                    "database": database,
                    "readers": anyio.Semaphore(READERS),
                    "sign_ins": anyio.CapacityLimiter(1),
                    "provider": provider,
                    "provider_calls": anyio.CapacityLimiter(4),
                    "indexes": indexes,
                    "imports": imports,
                    "closing": closing,
                }
            await anyio.to_thread.run_sync(imports.stop)
            database.close()

    app = FastAPI(
        title="SafeRLHF Review",
        lifespan=lifespan,
        openapi_url=None,  # app.api describes itself
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            *([Middleware(BehindProxies, proxies=settings.proxies)] if settings.proxies else []),
            Middleware(Guard, is_https=settings.is_https),
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.hosts, www_redirect=False),
            Middleware(Origins, public_url=settings.public_url),
            Middleware(BodyLimit, most_upload_bytes=most_upload_bytes),
            Middleware(Compression, minimum_size=1000, compresslevel=2, exclude_content_types=COMPRESSED),
        ],
    )
    install_error_handlers(app)
    app.router.routes.extend(_routes())
    app.mount("/static", HashedStaticFiles(directory=resource("static")), name="static")
    routes_of(app)  # raises for a route that does not say who may use it
    return app
