"""What comes from elsewhere is what VENDORED.txt says, and nothing is loaded from another host."""

import re
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
# What makes a browser fetch something: a link that a person may follow is not among it.
LOADS = [
    re.compile(
        r"""<(?:script|img|source|iframe|embed|video|audio|use|image)\b[^>]*\b(?:src|href)=["'](?:https?:)?//"""
    ),
    re.compile(r"""<(?:link|base)\b[^>]*\bhref=["'](?:https?:)?//"""),
    re.compile(r"""\b(?:hx-(?:get|post|put|delete)|action|srcset|poster)=["'](?:https?:)?//"""),
    re.compile(r"""(?:@import\s*["']?|url\(\s*["']?)(?:https?:)?//""", re.IGNORECASE),
    re.compile(r"""(?:fetch|import|EventSource|WebSocket|Worker)\(\s*["'`](?:\w+:)?//"""),
]


def listed() -> dict[str, str]:
    lines = re.findall(r"^([0-9a-f]{64})  (\S+)$", (VENDOR / "VENDORED.txt").read_text(), re.MULTILINE)
    return {name: digest for digest, name in lines}


def test_vendored_files_have_their_hashes() -> None:
    assert listed()
    assert {name: sha256((VENDOR / name).read_bytes()).hexdigest() for name in listed()} == listed()


def test_every_vendored_file_is_listed() -> None:
    assert {path.name for path in VENDOR.iterdir()} == {*listed(), "VENDORED.txt"}


def test_every_vendored_package_has_its_licence() -> None:
    facts = (VENDOR / "VENDORED.txt").read_text()
    licences = re.findall(r"^licence: .+ \((\S+)\)$", facts, re.MULTILINE)
    assert len(licences) == facts.count("package: ")
    assert set(licences) <= set(listed())


def test_nothing_is_loaded_from_another_host() -> None:
    ours = [path for folder in ("templates", "static") for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = {path: path.read_text() for path in ours if path.suffix in (".html", ".css", ".js", ".svg")}
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path, text in texts.items()
        if VENDOR not in path.parents
        for load in LOADS
        for hit in load.finditer(text)
    ]
    assert texts
    assert not found
