"""A dataset on the Hugging Face Hub, through `datasets`: which files it has, and their download into the cache.

Only this module imports `datasets`, and only a command does: never the web process.
"""

import logging
import os
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from app.errors import Failed, InvalidInput
from app.importing.cards import Card, read_card
from app.importing.folders import narrowest_subset
from app.importing.sources import Source, SourceFile, check_format, slugify

_PROBE_SECONDS = 1.0  # with the start of the command it stays below two seconds


def hub_source(name: str, subset: str | None, revision: str | None, file_format: str | None) -> Source:
    """Downloads what is not in the cache. Raises Failed or InvalidInput with the reason and what to do instead."""
    if not _is_offline_by_choice():
        _refuse_without_network(name)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the libraries are imported
    import datasets
    from datasets.data_files import EmptyDatasetError
    from datasets.exceptions import DataFilesNotFoundError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings are not for who imports
    try:
        commit = HfApi().dataset_info(name, revision=revision).sha
        builder = datasets.load_dataset_builder(name, subset, revision=commit)
        card = _card(name, commit)
        files = _download(builder.config.data_files, datasets.DownloadManager(), card, file_format)
    except RevisionNotFoundError:
        raise InvalidInput(f"{name} has no revision {revision!r}.", "revision") from None
    except RepositoryNotFoundError:
        raise InvalidInput(f"The Hub has no dataset {name} (or it needs a token: set HF_TOKEN).", "source") from None
    except (EmptyDatasetError, DataFilesNotFoundError):
        raise InvalidInput(f"{name} holds no data file of a format that `datasets` knows.", "source") from None
    except (HfHubHTTPError, ConnectionError, OSError) as error:
        raise Failed(_unreachable(name, str(error).splitlines()[0])) from None
    except ValueError as error:  # names the subsets there are
        raise InvalidInput(str(error).splitlines()[0], "subset") from None
    title = card.title or name.split("/")[1]
    return Source(slugify(name.split("/")[1]), title, name, files, card, subset, revision, commit)


def _card(name: str, commit: str | None) -> Card:
    """As it was at that commit; an empty one when the repository has none."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return read_card(Path(hf_hub_download(name, "README.md", repo_type="dataset", revision=commit)))
    except EntryNotFoundError:
        return Card()


def _download(data_files: Any, manager: Any, card: Card, file_format: str | None) -> tuple[SourceFile, ...]:
    """`data_files` is split -> hf://datasets/OWNER/NAME@COMMIT/PATH; each goes into the cache of `datasets`."""
    remote = [(split, url, _path_in_repository(url)) for split, urls in data_files.items() for url in urls]
    names = [path for _, _, path in remote]
    formats = [check_format(Path(path), file_format) for path in names]
    local = manager.download([url for _, url, _ in remote])
    return tuple(
        SourceFile(Path(cached), path, str(split), its_format, narrowest_subset(path, names, card.configs))
        for (split, _, path), cached, its_format in zip(remote, local, formats, strict=True)
    )


def _path_in_repository(url: str) -> str:
    return url.split("@", 1)[1].split("/", 1)[1]


def _is_offline_by_choice() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _refuse_without_network(name: str) -> None:
    """`datasets` itself retries for 23 seconds before it says that nobody answers."""
    endpoint = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    proxy = getproxies().get(endpoint.scheme)
    target = urlsplit(proxy if proxy and "//" in proxy else endpoint.geturl())
    host, port = target.hostname or "", target.port or (80 if target.scheme == "http" else 443)
    problem = [f"{host} did not answer within {_PROBE_SECONDS} s"]

    def probe() -> None:
        try:
            socket.create_connection((host, port), timeout=_PROBE_SECONDS).close()
            problem.clear()
        except OSError as error:
            problem[:] = [f"{host}: {error.strerror or error}"]

    thread = threading.Thread(target=probe, daemon=True)  # looking a name up knows no timeout of its own
    thread.start()
    thread.join(_PROBE_SECONDS)
    if problem:
        raise Failed(_unreachable(name, problem[0]))


def _unreachable(name: str, reason: str) -> str:
    folder = name.split("/")[1]
    return (
        f"The Hugging Face Hub cannot be reached ({reason}). On a machine with a network run "
        f"`hf download {name} --repo-type dataset --local-dir {folder}`, copy the folder here and import it: "
        f"`saferlhf-review import {folder}`."
    )
