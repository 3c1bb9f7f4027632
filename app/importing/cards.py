"""A dataset card: the README.md of a Hub repository, with its YAML head."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

from app.errors import InvalidInput

Configs = dict[str, dict[str, list[str]]]  # subset -> split -> file patterns


@dataclass(frozen=True)
class Card:
    title: str | None = None
    licence: str | None = None
    text: str | None = None
    data: dict[str, Any] = field(default_factory=dict)  # the YAML head, as JSON can hold it
    configs: Configs = field(default_factory=dict)


def read_card(path: Path) -> Card:
    """An empty card when there is no file; raises InvalidInput when its head is not readable YAML."""
    if not path.is_file():
        return Card()
    return parse_card(path.read_text("utf-8", errors="replace").replace("\0", "\ufffd"), str(path))


def parse_card(text: str, name: str) -> Card:
    head, body = _split_head(text)
    try:
        data = yaml.safe_load(head) or {}
        licence = data.get("license")
        return Card(
            title=data.get("pretty_name"),
            licence=", ".join(licence) if isinstance(licence, list) else licence,
            text=body.strip() or None,
            data=orjson.loads(orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)),
            configs=_configs(data.get("configs") or []),
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise InvalidInput(f"{name}: the YAML head cannot be read: {_first_line(error)}", "source") from None


def _split_head(text: str) -> tuple[str, str]:
    if not text.startswith("---"):
        return "", text
    _, head, body = (*text.split("---\n", 2), "", "")[:3]
    return head, body


def _configs(raw: list[dict[str, Any]]) -> Configs:
    return {config["config_name"]: _splits(config["data_files"]) for config in raw}


def _splits(raw: Any) -> dict[str, list[str]]:
    """`data_files` may be one pattern, a list of them, or a list of {split, path}."""
    if isinstance(raw, str):
        raw = [raw]
    splits: dict[str, list[str]] = {}
    for item in raw:
        split, paths = (item["split"], item["path"]) if isinstance(item, dict) else ("train", item)
        splits.setdefault(split, []).extend([paths] if isinstance(paths, str) else paths)
    return splits


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
