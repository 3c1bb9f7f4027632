"""Which split a file belongs to, by its name, as `datasets` reads it."""

import re
from pathlib import PurePosixPath

_WORDS = {
    "train": "train", "training": "train", "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}  # fmt: skip
_SEPARATORS = re.compile(r"[._\-\s0-9]+")
_SHARD = re.compile(r"([A-Za-z]\w*)-\d{5}-of-\d{5}")  # train_prefs-00000-of-00001.parquet
_NO_SPLITS = ("data", "part", "shard")


def split_of(name: str) -> str:
    """`name` may begin with folders."""
    return said_split(name) or "train"


def said_split(name: str) -> str | None:
    path = PurePosixPath(name)
    shard = _SHARD.match(path.name)
    if shard and shard[1] not in _NO_SPLITS:
        return _WORDS.get(shard[1], shard[1])
    for part in reversed(path.parts):
        for word in _SEPARATORS.split(part.lower()):
            if word in _WORDS:
                return _WORDS[word]
    return None
