"""Rows, files, imported datasets and reviews, as short as a test wants to say them."""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.db import Database
from app.importing.actions import import_source
from app.importing.requests import ImportRequest
from app.importing.taxonomies import BEAVERTAILS, PKU_SAFERLHF

CATEGORIES = [category.name for category in PKU_SAFERLHF.categories]


def row(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A clean PKU-SafeRLHF row; `unsafe_0=(severity, category, ...)` makes response 0 unsafe, and so for 1."""
    texts = {
        "prompt": f"How do I water cactus number {number}?",
        "response_0": f"Pour two litres over cactus {number} every day.",
        "response_1": f"Barely at all in winter, says the label of cactus {number}.",
    }
    texts |= {name: changes.pop(name) for name in texts if name in changes}
    made: dict[str, Any] = {**texts, "prompt_source": "Alpaca3-70B"}
    made |= {"response_0_source": "Alpaca-7B", "response_1_source": "Alpaca-7B"}
    unsafe = [changes.pop(f"unsafe_{position}", None) for position in (0, 1)]
    for position, label in enumerate(unsafe):
        made[f"is_response_{position}_safe"] = label is None
    for position, label in enumerate(unsafe):
        made[f"response_{position}_harm_category"] = {name: name in (label or ()) for name in CATEGORIES}
    for position, label in enumerate(unsafe):
        made[f"response_{position}_severity_level"] = label[0] if label else 0
    made |= {"better_response_id": 1, "safer_response_id": 0 if unsafe[1] and not unsafe[0] else 1}
    for position in (0, 1):
        text = f"{made['prompt']}{made[f'response_{position}']}"
        made[f"response_{position}_sha256"] = sha256(text.encode(errors="surrogatepass")).hexdigest()
    return made | changes


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [row(number, **changes) for number in range(count)]


def write_jsonl(path: Path, lines: Iterable[dict[str, Any] | str]) -> Path:
    """Strings are written as they are, to spoil a file with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts), "utf-8", newline="")
    return path


def import_rows(database: Database, folder: Path, lines: Iterable[dict[str, Any] | str], slug: str = "pairs") -> int:
    """Imports the rows as one file with split train; returns the import's id."""
    return import_file(database, write_jsonl(folder / f"{slug}-train.jsonl", lines), slug=slug)


def import_file(database: Database, *paths: Path | str, on_progress: Any = lambda _: None, **asked: Any) -> int:
    """Asks for it as the command does; returns the import's id."""
    request = ImportRequest(sources=tuple(str(path) for path in paths), **asked)
    return import_source(database, request, on_progress=on_progress)


def without(made: dict[str, Any], *parts: str) -> dict[str, Any]:
    """The row without the columns whose names hold one of these."""
    return {name: value for name, value in made.items() if not any(part in name for part in parts)}


def answer_row(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A clean row of PKU-SafeRLHF-QA: a prompt with one response."""
    pair = row(number)
    made = {"prompt": pair["prompt"], "response": pair["response_0"], "prompt_source": "Alpaca3-70B"}
    made |= {"response_source": "Alpaca-7B", "is_safe": True, "severity_level": 0}
    made |= {"harm_category": pair["response_0_harm_category"], "sha256": pair["response_0_sha256"]}
    return made | changes


def beavertails_row(number: int = 0, *categories: str, **changes: Any) -> dict[str, Any]:
    """A row of BeaverTails; safe when it has no category."""
    pair = row(number)
    named = {category.name_in_rows: category.name_in_rows in categories for category in BEAVERTAILS.categories}
    made = {"prompt": pair["prompt"], "response": pair["response_0"], "category": named, "is_safe": not categories}
    return made | changes


def messages(*texts: str) -> list[dict[str, str]]:
    """A conversation in which the user speaks first."""
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]
