"""Rules for every template: nothing that the content security policy would stop, and nothing that trusts a text."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent.parent / "templates"
ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
FRAGMENTS = [name for name in ALL if Path(name).name.startswith("_")]
FILES = ["agreement/report_file.html"]  # written by a command: a file brings its style along
OTHERS = {*FRAGMENTS, *FILES, "base.html"}
PAGES = [name for name in ALL if name not in OTHERS and not name.startswith("components/")]
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
FORBIDDEN = {
    "a text taken for markup": re.compile(r"\|\s*safe\b|\bMarkup\(|\{%-?\s*autoescape\b"),
    "a script in an attribute": re.compile(r"\son[a-z]+\s*=|\bhx-on\b|javascript:|[\"']js:", re.IGNORECASE),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style in the page": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "a file of whatever content": re.compile(r"<(?:script\b|link rel=.stylesheet)(?![^>]*\bintegrity=)"),
    "an attribute without quotes": re.compile(r"\b(?:href|src|value|id|action|title)=\{\{"),
}


def source(name: str) -> str:
    return COMMENT.sub("", (TEMPLATES / name).read_text())


def test_there_are_pages_and_fragments() -> None:
    assert {"error.html", "overview/index.html", "entries/show.html"} <= set(PAGES)
    assert {"_error.html", "entries/_browse.html", "entries/_entry.html"} <= set(FRAGMENTS)


@pytest.mark.parametrize("name", ALL)
def test_template_holds_nothing_forbidden(name: str) -> None:
    found = [f"{what}: {hit.group()!r}" for what, rule in FORBIDDEN.items() for hit in rule.finditer(source(name))]
    assert found == (["a style in the page: '<style'"] if name in FILES else [])


@pytest.mark.parametrize("name", FILES)
def test_file_runs_and_loads_nothing(name: str) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'" in source(name)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragment_has_its_id_on_its_root(name: str) -> None:
    root = re.search(r"<[a-z][^>]*>", re.sub(r"\{%.*?%\}", "", without_set_blocks(source(name)), flags=re.DOTALL))
    assert root is not None
    assert f'id="{Path(name).stem.removeprefix("_").replace("_", "-")}"' in root.group()


def without_set_blocks(text: str) -> str:
    return re.sub(r"\{%-?\s*set\s+\w+\s*-?%\}.*?\{%-?\s*endset\s*-?%\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_page_sets_a_title(name: str) -> None:
    title = re.search(r"\{%-?\s*block title\s*-?%\}(.*?)\{%-?\s*endblock", source(name), re.DOTALL)
    assert '{% extends "base.html" %}' in source(name)
    assert title is not None
    assert title.group(1).strip()


@pytest.mark.parametrize("name", PAGES)
def test_forms_and_links_work_without_javascript(name: str) -> None:
    text = source(name)
    forms = re.findall(r"<form\b[^>]*>", text)
    assert not [form for form in forms if "action=" not in form and 'method="dialog"' not in form]
    assert not [link for link in re.findall(r"<a\b[^>]*>", text) if "href=" not in link]
