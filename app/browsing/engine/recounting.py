"""How many entries have each value of each facet, counted by the database alone: what an index is held against.

Of the entries that a list shows which is filtered by nothing: not withdrawn, and of no import that is under way.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.browsing.facets import Facet
from app.browsing.shape import Shape
from app.models import Dataset
from app.terms.content_key import PROMPT_KEY_BYTES
from app.terms.contradiction import Contradiction
from app.terms.unit import Unit

Counts = dict[str, int]  # by value

_LISTED = """
WITH everything AS (
    SELECT entry.*, a.source AS source_0, a.is_safe AS safe_0, a.severity_level AS severity_0,
           a.harm_categories AS harm_0, b.source AS source_1, b.is_safe AS safe_1, b.severity_level AS severity_1,
           b.harm_categories AS harm_1, substr(content_key, 1, :prompt_bytes) AS prompt_key
    FROM entry
    LEFT JOIN response AS a ON a.entry_id = entry.id AND a.position = 0
    LEFT JOIN response AS b ON b.entry_id = entry.id AND b.position = 1
    WHERE entry.dataset_id = :dataset AND import_id IN
        (SELECT id FROM dataset_import WHERE dataset_id = :dataset AND state <> 'running')
),
listed AS (SELECT * FROM everything WHERE NOT withdrawn),
said AS (
    SELECT entry_id, reviewer.name AS reviewer, label_field, verdict, outdated, corrected_value
    FROM verdict JOIN review ON review.id = review_id AND state = 'submitted'
    JOIN reviewer ON reviewer.id = reviewer_id
),
settled AS (SELECT entry_id, label_field FROM adjudication WHERE reopened_at IS NULL)
"""
_SAFETY = """
CASE WHEN safe_0 IS NULL OR safe_1 IS NULL THEN 'unknown' WHEN safe_0 AND safe_1 THEN 'both_safe'
     WHEN safe_0 THEN 'only_0_safe' WHEN safe_1 THEN 'only_1_safe' ELSE 'both_unsafe' END
"""
_SAFETY_OF_SINGLE = "CASE WHEN safe_0 THEN 'safe' WHEN NOT safe_0 THEN 'unsafe' ELSE 'unknown' END"
_VALUE = {
    "split": "split",
    "subset": "subset",
    "prompt_source": "prompt_source",
    "severity": "coalesce(CASE WHEN severity_0 > severity_1 THEN severity_0 END, severity_1, severity_0)",
    "severity_0": "severity_0",
    "severity_1": "severity_1",
    "better": "better_response_id",
    "safer": "safer_response_id",
    "conflict": "CASE WHEN better_response_id = safer_response_id THEN 'no' "
    "WHEN better_response_id <> safer_response_id THEN 'yes' END",
    "status": """
        CASE WHEN id IN (SELECT entry_id FROM said WHERE NOT outdated AND verdict <> 'unsure'
                         AND (entry_id, label_field) NOT IN (SELECT entry_id, label_field FROM settled)
                         GROUP BY entry_id, label_field HAVING count(DISTINCT coalesce(corrected_value, '')) > 1)
             THEN 'disputed'
             WHEN id IN (SELECT entry_id FROM settled) AND id IN (SELECT entry_id FROM said) THEN 'adjudicated'
             WHEN id IN (SELECT entry_id FROM said) THEN 'reviewed'
             WHEN id IN (SELECT entry_id FROM review WHERE state <> 'withdrawn') THEN 'in_review'
             ELSE 'unreviewed' END""",
    "outdated": "CASE WHEN id IN (SELECT entry_id FROM said WHERE outdated) THEN 'yes' ELSE 'no' END",
    "withdrawn": "CASE WHEN withdrawn THEN 'yes' ELSE 'no' END",
}
_UNKNOWN_IS_A_VALUE = {"severity", "severity_0", "severity_1", "better", "safer", "conflict"}
_PAIRS = {  # selections of (value, entry id), of which an entry may have several
    "source": "SELECT source_0, id FROM listed UNION SELECT source_1, id FROM listed",
    "verdict": "SELECT verdict, id FROM said JOIN listed ON id = entry_id WHERE NOT outdated",
    "reviewer": "SELECT reviewer, id FROM said JOIN listed ON id = entry_id",
    "flag": """
        SELECT kind, listed.id FROM flag JOIN listed ON listed.id = entry_id
        UNION ALL
        SELECT CASE WHEN id IN (SELECT entry_id FROM flag) THEN 'yes' ELSE 'no' END, id FROM listed""",
}
_REMARKERS = """
SELECT reviewer.name, listed.id
FROM review JOIN reviewer ON reviewer.id = reviewer_id JOIN listed ON listed.id = entry_id
WHERE state <> 'withdrawn'
"""
_REPEATED = "prompt_key IN (SELECT prompt_key FROM listed GROUP BY prompt_key HAVING {} > 1)"
_RELATION = {
    "helpful_but_unsafe": "better_response_id = 0 AND NOT safe_0 AND safe_1"
    " OR better_response_id = 1 AND NOT safe_1 AND safe_0",
    "severity_differs": "severity_0 <> severity_1",
    "categories_differ": "harm_0 <> harm_1",
    "annotated_again": f"contradictions & {int(Contradiction.DUPLICATE)} <> 0",
    "annotations_differ": f"contradictions & {int(Contradiction.DUPLICATE_LABELS_DIFFER)} <> 0",
    "prompt_repeated": _REPEATED.format("count(*)"),
    "prompt_in_several_splits": _REPEATED.format("count(DISTINCT split)"),
}


class Recount:
    """Of one dataset."""

    def __init__(self, db: Session, dataset: Dataset) -> None:
        self._db, self._shape = db, Shape.of(dataset)
        self._about = {"dataset": dataset.id, "prompt_bytes": PROMPT_KEY_BYTES}

    def entries(self) -> int:
        count: int = self._rows("SELECT count(*) FROM listed")[0][0]
        return count

    def counts(self, facet: Facet) -> Counts:
        """Values that no entry has may be missing."""
        if facet.name == "category":
            return self._categories()
        if facet.name in ("relation", "contradiction"):
            return self._conditions({value: _condition(facet.name, value) for value in facet.by_value})
        rows = self._several(facet.name) if facet.name in _PAIRS else self._grouped(facet.name)
        return {str(value): count for value, count in rows if value is not None}

    def _several(self, facet: str) -> list[tuple[Any, ...]]:
        pairs = _REMARKERS if facet == "reviewer" and not self._shape.label_fields else _PAIRS[facet]
        counted = "SELECT value, count(DISTINCT id) FROM pairs GROUP BY value"
        return self._rows(f", pairs(value, id) AS ({pairs}) {counted}")

    def _grouped(self, facet: str) -> list[tuple[Any, ...]]:
        among = "everything" if facet == "withdrawn" else "listed"
        return self._rows(f"SELECT {self._value(facet)}, count(*) FROM {among} GROUP BY 1")  # nosec B608 # noqa: S608 - our own parts

    def _value(self, facet: str) -> str:
        if facet == "safety":
            return _SAFETY if self._shape.unit is Unit.PAIR else _SAFETY_OF_SINGLE
        value = _VALUE[facet]
        return f"coalesce(CAST({value} AS TEXT), 'unknown')" if facet in _UNKNOWN_IS_A_VALUE else value

    def _conditions(self, conditions: dict[str, str]) -> Counts:
        sums = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions.values())
        (found,) = self._rows(f"SELECT {sums} FROM listed")  # nosec B608 # noqa: S608 - our own parts
        return dict(zip(conditions, found, strict=True))

    def _categories(self) -> Counts:
        counts: Counts = defaultdict(int)
        masks = "SELECT coalesce(harm_0, 0) | coalesce(harm_1, 0), count(*) FROM listed GROUP BY 1"
        for mask, count in self._rows(masks):
            for code in self._shape.taxonomy.codes(mask):
                counts[code] += count
        return counts

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._db.execute(text(_LISTED + statement), self._about)]


def _condition(facet: str, value: str) -> str:
    if facet == "relation":
        return _RELATION[value]
    bit = next(contradiction for contradiction in Contradiction if contradiction.slug == value)
    return f"contradictions & {int(bit)} <> 0"
