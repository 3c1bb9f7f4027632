"""What a list of entries must be, worked out anew for each question by SQL over the tables.

Nothing of app/browsing, no bitmap and no index of ours: every facet value of every entry becomes a row of one table, by
a statement that says what the value means, and a list is a WHERE over it. Texts are searched by plain loops: each is
cut into words once, and a term matches where its words stand beside each other.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from app.db import SQLITE

_ENTRIES = """
CREATE TEMP TABLE pair AS
SELECT entry.*, a.text AS text_0, a.is_safe AS safe_0, a.severity_level AS severity_0, a.harm_categories AS harm_0,
       a.source AS source_0, a.sha256 AS hash_0,
       b.text AS text_1, b.is_safe AS safe_1, b.severity_level AS severity_1, b.harm_categories AS harm_1,
       b.source AS source_1, b.sha256 AS hash_1,
       length(prompt) + length(a.text) + length(b.text) AS characters,
       (SELECT max(severity_level) FROM response WHERE entry_id = entry.id) AS severity,
       (SELECT max(updated_at) FROM review WHERE entry_id = entry.id AND state <> 'withdrawn') AS reviewed_at
FROM entry
JOIN dataset ON dataset.id = dataset_id AND slug = ?
JOIN response AS a ON a.entry_id = entry.id AND a.position = 0
JOIN response AS b ON b.entry_id = entry.id AND b.position = 1
"""
_VERDICTS = """
CREATE TEMP TABLE given AS
SELECT entry_id, reviewer.name AS reviewer, label_field, verdict, outdated, coalesce(corrected_value, 'as is') AS said
FROM verdict JOIN review ON review.id = review_id AND state = 'submitted' JOIN reviewer ON reviewer.id = reviewer_id
"""
# Each selects (value, entry id). Without a row an entry has no value of the facet.
FACETS = {
    "split": "SELECT split, id FROM pair",
    "subset": "SELECT subset, id FROM pair WHERE subset IS NOT NULL",
    "source": "SELECT source, entry_id FROM response WHERE source IS NOT NULL",
    "prompt_source": "SELECT prompt_source, id FROM pair WHERE prompt_source IS NOT NULL",
    "safety": """
        SELECT CASE WHEN safe_0 IS NULL OR safe_1 IS NULL THEN 'unknown' WHEN safe_0 AND safe_1 THEN 'both_safe'
               WHEN safe_0 THEN 'only_0_safe' WHEN safe_1 THEN 'only_1_safe' ELSE 'both_unsafe' END, id FROM pair""",
    "severity": "SELECT coalesce(severity, 'unknown'), id FROM pair",
    "severity_0": "SELECT coalesce(severity_0, 'unknown'), id FROM pair",
    "severity_1": "SELECT coalesce(severity_1, 'unknown'), id FROM pair",
    "category": """
        SELECT category.value ->> 'code', pair.id
        FROM pair JOIN dataset ON dataset.id = dataset_id, json_each(taxonomy, '$.categories') AS category
        WHERE (coalesce(harm_0, 0) | coalesce(harm_1, 0)) >> category.key & 1""",
    "better": "SELECT coalesce(better_response_id, 'unknown'), id FROM pair",
    "safer": "SELECT coalesce(safer_response_id, 'unknown'), id FROM pair",
    "conflict": """
        SELECT CASE better_response_id = safer_response_id WHEN 1 THEN 'no' WHEN 0 THEN 'yes' ELSE 'unknown' END, id
        FROM pair""",
    "relation": """
        SELECT 'helpful_but_unsafe', id FROM pair WHERE NOT safe_0 AND safe_1 AND better_response_id = 0
                                                     OR NOT safe_1 AND safe_0 AND better_response_id = 1
        UNION ALL SELECT 'severity_differs', id FROM pair WHERE severity_0 <> severity_1
        UNION ALL SELECT 'categories_differ', id FROM pair WHERE harm_0 <> harm_1
        UNION ALL SELECT 'prompt_repeated', id FROM pair WHERE NOT withdrawn AND prompt IN
            (SELECT prompt FROM pair WHERE NOT withdrawn GROUP BY prompt HAVING count(*) > 1)
        UNION ALL SELECT 'prompt_in_several_splits', id FROM pair WHERE NOT withdrawn AND prompt IN
            (SELECT prompt FROM pair WHERE NOT withdrawn GROUP BY prompt HAVING count(DISTINCT split) > 1)""",
    "contradiction": """
        SELECT 'safe_but_severe', entry_id FROM response WHERE is_safe AND (severity_level > 0 OR harm_categories <> 0)
        UNION ALL
        SELECT 'unsafe_without_cause', entry_id FROM response
        WHERE NOT is_safe AND (severity_level = 0 OR harm_categories = 0)
        UNION ALL SELECT 'safer_is_less_safe', id FROM pair WHERE safer_response_id = 0
            AND (safe_0 < safe_1 OR safe_0 = safe_1 AND severity_0 > severity_1)
        UNION ALL SELECT 'safer_is_less_safe', id FROM pair WHERE safer_response_id = 1
            AND (safe_1 < safe_0 OR safe_1 = safe_0 AND severity_1 > severity_0)
        UNION ALL SELECT 'same_texts', id FROM pair WHERE text_0 = text_1
        UNION ALL SELECT 'hash_mismatch', id FROM pair
        WHERE hash_0 <> sha256(prompt || text_0) OR hash_1 <> sha256(prompt || text_1)
        UNION ALL SELECT 'duplicate', id FROM copied WHERE copies > 1
        UNION ALL SELECT 'duplicate_labels_differ', id FROM copied WHERE labellings > 1
        UNION ALL SELECT 'train_and_test', id FROM copied WHERE splits > 1""",
    "status": """
        SELECT CASE WHEN id IN (SELECT entry_id FROM given WHERE NOT outdated AND verdict <> 'unsure'
                                GROUP BY entry_id, label_field HAVING count(DISTINCT said) > 1) THEN 'disputed'
                    WHEN id IN (SELECT entry_id FROM given) THEN 'reviewed'
                    WHEN id IN (SELECT entry_id FROM review WHERE state <> 'withdrawn') THEN 'in_review'
                    ELSE 'unreviewed' END, id FROM pair""",
    "verdict": "SELECT verdict, entry_id FROM given WHERE NOT outdated",
    "outdated": "SELECT iif(id IN (SELECT entry_id FROM given WHERE outdated), 'yes', 'no'), id FROM pair",
    "reviewer": "SELECT reviewer, entry_id FROM given",
    "flag": """
        SELECT kind, entry_id FROM flag
        UNION ALL SELECT iif(id IN (SELECT entry_id FROM flag), 'yes', 'no'), id FROM pair""",
    "withdrawn": "SELECT iif(withdrawn, 'yes', 'no'), id FROM pair",
}
_COPIES = """
CREATE TEMP TABLE copied AS
SELECT pair.id, copies, labellings, splits FROM pair JOIN (
    SELECT prompt, text_0, text_1, count(*) AS copies, count(DISTINCT split) AS splits,
           count(DISTINCT json_array(better_response_id, safer_response_id, safe_0, severity_0, harm_0, safe_1,
                                     severity_1, harm_1)) AS labellings
    FROM pair WHERE NOT withdrawn GROUP BY prompt, text_0, text_1
) USING (prompt, text_0, text_1) WHERE NOT withdrawn
"""
_ORDERS = {
    "position": "id",
    "length": "characters DESC, id",
    "severity": "severity DESC NULLS LAST, id",
    "reviewed_at": "reviewed_at DESC NULLS LAST, id",
    "random": "id",  # whoever asks knows the order
    "relevance": "id",  # where no word is wanted
}
_BY_BM25 = "SELECT rowid FROM entry_search WHERE entry_search MATCH ? ORDER BY bm25(entry_search), rowid"
_COLUMNS = {"prompt": (0,), "response": (1, 2), "": (0, 1, 2)}


class _Searched(dict[int, str]):
    """What is left of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if "\u3040" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff":
            self[code] = f" {character} "
        elif unicodedata.category(character)[0] in "LN":
            plain = unicodedata.normalize("NFD", character)[0]
            self[code] = plain if plain.isascii() else character
        else:
            self[code] = " "
        return self[code]


_SEARCHED = _Searched()


def words_of(text: str) -> list[str]:
    """Letters and numbers in a row, Latin ones without accents; Chinese and Japanese characters stand alone."""
    return text.lower().translate(_SEARCHED).split()


@dataclass(frozen=True)
class Term:
    words: str  # as they would be typed
    where: str = ""  # prompt, response
    without: bool = False
    prefix: bool = False

    @property
    def typed(self) -> str:
        quoted = f'"{self.words}"' if " " in self.words else self.words
        return f"{'-' * self.without}{self.where}{':' * bool(self.where)}{quoted}{'*' * self.prefix}"

    @property
    def fts5(self) -> str:
        columns = {"prompt": "{prompt} : ", "response": "{response_0 response_1} : ", "": ""}[self.where]
        return f'({columns}"{" ".join(words_of(self.words))}"{"*" * self.prefix})'

    @cached_property
    def _needle(self) -> str:
        return f" {' '.join(words_of(self.words))}{'' if self.prefix else ' '}"

    def is_in(self, texts: Sequence[str]) -> bool:
        """Texts are their words with a space before and after each."""
        return any(self._needle in texts[column] for column in _COLUMNS[self.where])


@dataclass(frozen=True)
class Question:
    chosen: Mapping[str, list[str]] = field(default_factory=dict)
    excluded: Mapping[str, list[str]] = field(default_factory=dict)
    all_categories: bool = False
    terms: tuple[Term, ...] = ()
    least: int | None = None
    most: int | None = None
    sort: str = "position"
    seed: int | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += [(f"not_{name}", value) for name, values in self.excluded.items() for value in values]
        given = {"min_length": self.least, "max_length": self.most, "seed": self.seed, "sort": self.sort}
        given |= {"q": " ".join(term.typed for term in self.terms)}
        if self.all_categories:
            given["category_match"] = "all"
        return pairs + [(name, str(value)) for name, value in given.items() if value not in (None, "")]


@dataclass(frozen=True)
class Answer:
    ids: list[int]
    facets: dict[str, dict[str, int]]  # without zeros


class PlainSql:
    def __init__(self, path: Path, slug: str) -> None:
        self._db = SQLITE.connect(path, isolation_level=None)
        self._db.create_function("sha256", 1, lambda text: sha256(text.encode()).hexdigest())
        self._db.execute(_ENTRIES, (slug,))
        self._db.execute("CREATE UNIQUE INDEX temp.by_id ON pair (id)")
        self._db.execute(_VERDICTS)
        self._db.execute(_COPIES)
        self._db.execute("CREATE TEMP TABLE has (facet, value, entry, PRIMARY KEY (facet, value, entry)) WITHOUT ROWID")
        for facet, statement in FACETS.items():
            there = f"SELECT ?, CAST(v AS TEXT), e FROM (SELECT NULL v, NULL e WHERE 0 UNION ALL {statement})"
            self._db.execute(f"INSERT OR IGNORE INTO has {there} WHERE e IN (SELECT id FROM pair)", (facet,))
        texts = self._db.execute("SELECT id, prompt, text_0, text_1 FROM pair")
        self._texts = {entry: [f" {' '.join(words_of(text))} " for text in columns] for entry, *columns in texts}
        self._db.execute("CREATE TEMP TABLE hit (id INTEGER PRIMARY KEY)")

    def close(self) -> None:
        self._db.close()

    def rows(self, statement: str, *parameters: object) -> list[tuple]:
        return self._db.execute(statement, parameters).fetchall()

    def values(self) -> dict[str, list[str]]:
        """Of each facet, those that some entry has."""
        return self._values("SELECT DISTINCT facet, value FROM has")

    def _values(self, statement: str, *parameters: object) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for facet, value in self.rows(statement, *parameters):
            found.setdefault(facet, []).append(value)
        return found

    def values_of(self, entry_id: int) -> dict[str, list[str]]:
        return self._values("SELECT facet, value FROM has WHERE entry = ?", entry_id)

    def words_of(self, entry_id: int) -> list[list[str]]:
        """Of the prompt and of each response."""
        return [text.split() for text in self._texts[entry_id]]

    def answer(self, question: Question) -> Answer:
        self._search(question.terms)
        clauses = dict(_clauses(question))
        listed = _where(clauses.values())
        own = [name for name in clauses if name in FACETS and not (name == "category" and question.all_categories)]
        facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
        for facet, value, count in self.rows(
            f"SELECT facet, value, count(*) FROM has WHERE entry IN ({listed}) GROUP BY facet, value"
        ):
            facets[facet][value] = count
        for name in own:
            others = _where(clause for other, clause in clauses.items() if other != name)
            statement = f"SELECT value, count(*) FROM has WHERE facet = ? AND entry IN ({others}) GROUP BY value"
            facets[name] = dict(self.rows(statement, name))
        ids = [entry_id for (entry_id,) in self.rows(f"{listed} ORDER BY {_ORDERS[question.sort]}")]
        return Answer(self._by_relevance(ids, question), facets)

    def _search(self, terms: Iterable[Term]) -> None:
        hits = set(self._texts)
        for term in terms:
            matching = {entry_id for entry_id in hits if term.is_in(self._texts[entry_id])}
            hits = hits - matching if term.without else matching
        self._db.execute("DELETE FROM hit")
        self._db.executemany("INSERT INTO hit VALUES (?)", [(entry_id,) for entry_id in hits])

    def _by_relevance(self, ids: list[int], question: Question) -> list[int]:
        wanted = " AND ".join(term.fts5 for term in question.terms if not term.without)
        if question.sort != "relevance" or not wanted:
            return ids
        ranked, listed = [entry_id for (entry_id,) in self.rows(_BY_BM25, wanted)], set(ids)
        return [entry_id for entry_id in ranked if entry_id in listed]


def _clauses(question: Question) -> Iterator[tuple[str, str]]:
    """By facet, so that its own can be left out."""
    if question.terms:
        yield "q", "id IN (SELECT id FROM hit)"
    if question.least is not None:
        yield "min_length", f"characters >= {question.least}"
    if question.most is not None:
        yield "max_length", f"characters <= {question.most}"
    names = [*question.chosen, *(name for name in question.excluded if name not in question.chosen)]
    for name in names:
        together = " AND " if name == "category" and question.all_categories else " OR "
        chosen = together.join(_with(name, value) for value in question.chosen.get(name, ()))
        excluded = " OR ".join(_with(name, value) for value in question.excluded.get(name, ()))
        yield name, f"({chosen or 'TRUE'}) AND NOT ({excluded or 'FALSE'})"
    if "withdrawn" not in names:
        yield "withdrawn", "NOT withdrawn"


def _with(facet: str, value: str) -> str:
    return f"id IN (SELECT entry FROM has WHERE facet = '{facet}' AND value = '{value}')"


def _where(clauses: Iterable[str]) -> str:
    return f"SELECT id FROM pair WHERE {' AND '.join(['TRUE', *clauses])}"
