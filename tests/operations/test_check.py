"""`check` finds what does not hold together, and says it in ids and counts."""

import re

import pytest

import app.operations.check
from app.comparing.queries import get_entry
from app.db import SQLITE, open_database
from app.models import Decision, Event, Reviewer
from app.models.event import chained_hash
from app.operations.backup import write_backup
from app.operations.check import check_database
from app.reviewing.actions import record_review
from app.reviewing.forms import TypedReview, TypedVerdict
from app.reviewing.undoing import undo_decision

DROP_TRIGGERS = ("DROP TRIGGER event_is_never_deleted", "DROP TRIGGER event_is_never_changed")
RESTORE_TRIGGERS = (
    "CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'x'); END",
    "CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'x'); END",
)


def test_sound_database_has_no_problems(plants):
    assert plants.problems() == {}


def test_sound_backup_has_no_problems(plants, tmp_path):
    write_backup(plants.path, tmp_path / "b.db")
    database = open_database(tmp_path / "b.db")
    assert check_database(database).ok
    database.close()


def test_fresh_database_has_no_problems(database):
    assert check_database(database).ok


def forget(plants, entry_id):
    """Takes the entry out of the search index, as FTS5 wants it for external content."""
    text = f"'How do I water plant {entry_id}?', 'Every morning.', 'Once a week,  \u6d47  \u6c34 .'"
    columns = "entry_search, rowid, prompt, response_0, response_1"
    plants.sql(f"INSERT INTO entry_search({columns}) VALUES ('delete', {entry_id}, {text})")


def test_missing_search_row_is_found(plants):
    forget(plants, 3)
    assert plants.problems()["search index"][0] == "Entry 3 is not in it."


def test_search_row_without_entry_is_found(plants):
    plants.sql("INSERT INTO entry_search(rowid, prompt) VALUES (9, 'gone')")
    assert plants.problems()["search index"][0] == "It holds entry 9, which does not exist."


@pytest.mark.parametrize("in_place", [0, 100])
def test_search_index_of_other_texts_is_found(plants, in_place):
    plants.sql("UPDATE response SET text = 'Never at noon.' WHERE entry_id = 2 AND position = 0")
    (problem,) = plants.problems(search_in_place=in_place)["search index"]
    assert problem.startswith("It does not agree with the texts of the entries: ")
    assert "noon" not in problem


def test_large_search_index_is_checked_in_a_copy(plants, settings):
    assert plants.problems(search_in_place=0) == {}
    assert not list(settings.data_dir.glob("check-*"))


def test_changed_verdict_is_found(plants):
    plants.sql("UPDATE verdict SET corrected_value = 'true' WHERE review_id = 2 AND verdict = 'disagree'")
    (problem,) = plants.problems()["reviews"]
    assert problem == "Review 2 is not what event 2 says: verdict on response_0.is_safe."


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("DELETE FROM verdict WHERE review_id = 1", "verdict on response_0.is_safe, verdict on safer_response_id"),
        ("UPDATE review SET revision = 7 WHERE id = 1", "revision"),
        ("UPDATE review SET state = 'withdrawn' WHERE id = 1", "state"),
        ("UPDATE review SET blind = 1 WHERE id = 1", "blind"),
        ("DELETE FROM comment WHERE entry_id = 1", "comment"),
        ("INSERT INTO flag VALUES (1, 1, 1, '2026-01-01', 'other', 0)", "flagged, flag"),
    ],
)
def test_review_that_differs_from_its_event_is_found(plants, statement, difference):
    plants.sql(statement)
    assert plants.problems() == {"reviews": (f"Review 1 is not what event 1 says: {difference}.",)}


def test_revised_and_undone_reviews_are_what_their_events_say(plants):
    def revise_and_undo(db):
        alice, agreed = db.get_one(Reviewer, 1), TypedReview({"safer_response_id": TypedVerdict("agree")}, revision=1)
        for entry_id in (1, 2):
            record_review(db, alice, get_entry(db, entry_id), agreed)
        decisions = db.query(Decision).where(Decision.reviewer_id == 1).order_by(Decision.id.desc()).all()
        for entry_id in (2, 3):
            undo_decision(db, alice, next(decision.id for decision in decisions if decision.entry_id == entry_id))

    plants.write(revise_and_undo)
    assert plants.sql("SELECT state, revision FROM review WHERE id <> 4") == [
        ("submitted", 2),
        ("submitted", 3),
        ("withdrawn", 2),
    ]
    assert plants.problems() == {}


def test_vanished_review_is_found(plants):
    plants.sql("DELETE FROM verdict WHERE review_id = 3", "DELETE FROM review WHERE id = 3")
    assert plants.problems() == {"reviews": ("Review 3 is gone; event 3 says it is there.",)}


def test_reviews_of_a_deleted_dataset_are_not_missed(plants):
    gone = ("verdict", "review", "response", "entry", "dataset_import", "dataset")
    plants.sql(*(f"DELETE FROM {table}" for table in gone), "DELETE FROM entry_search_docsize")
    assert "reviews" not in plants.problems()


def test_review_without_an_event_is_found(plants):
    plants.sql(
        "INSERT INTO review (id, reviewer_id, entry_id, state, revision, blind, shuffled, created_at, updated_at) "
        "SELECT 9, 1, 5, state, 1, 0, 0, created_at, updated_at FROM review LIMIT 1"
    )
    assert plants.problems()["reviews"] == ("Review 9 has no event.",)


def test_withdrawn_review_may_have_no_snapshot(plants):
    plants.sql(*DROP_TRIGGERS, "UPDATE event SET data = '{\"after\": null}' WHERE id = 1", *RESTORE_TRIGGERS)
    assert plants.problems()["reviews"] == ("Review 1 is not what event 1 says: it was withdrawn.",)
    plants.sql("UPDATE review SET state = 'withdrawn' WHERE id = 1")
    assert "reviews" not in plants.problems()


def test_removed_events_are_found(plants):
    plants.add_reviews(4)
    plants.sql(*DROP_TRIGGERS, "DELETE FROM event WHERE id IN (2, 4, 5, 8)", *RESTORE_TRIGGERS)
    problems = plants.problems()
    missing = ("Event 2 is missing.", "Events 4 to 5 are missing.", "Event 8 is missing.")
    assert problems["event log"] == missing
    assert [problem.split(" is ")[0] for problem in problems["event chain"]] == ["Event 3", "Event 6"]


@pytest.mark.parametrize(
    "change",
    ["at = '2026-01-01 00:00:00.000000'", "reviewer_id = 7", "kind = 'review.undone'", "request_id = 'other'"],
)
def test_changed_event_breaks_the_chain(plants, change):
    plants.sql(*DROP_TRIGGERS, f"UPDATE event SET {change} WHERE id = 3", *RESTORE_TRIGGERS)
    broken = "Event 3 is not what was recorded, or the one before it was changed or taken away."
    assert plants.problems()["event chain"] == (broken,)


def test_event_hashed_anew_breaks_the_chain_behind_it(plants):
    def forge(db):
        event = db.get_one(Event, 2)
        before = db.get_one(Event, 1).hash
        event.reviewer_id = 7
        event.hash = chained_hash(before, {one.name: getattr(event, one.name) for one in Event.__table__.columns})

    plants.sql(*DROP_TRIGGERS)
    plants.write(forge)
    plants.sql(*RESTORE_TRIGGERS)
    assert [problem[:7] for problem in plants.problems()["event chain"]] == ["Event 3"]


def test_end_of_the_chain_is_told(plants, database):
    said = next(check.detail for check in check_database(database).checks if check.name == "event chain")
    assert re.fullmatch(r"last event 4, its hash [0-9a-f]{64}", said)


def test_removed_trigger_is_found(plants):
    plants.sql(DROP_TRIGGERS[0])
    assert plants.problems() == {"schema": ("The trigger event_is_never_deleted is missing.",)}


def test_orphaned_row_is_found(plants):
    plants.sql("DELETE FROM reviewer")
    assert "Row 1 of review refers to a missing reviewer." in plants.problems()["foreign keys"]


def test_missing_response_is_found(plants):
    plants.sql("DELETE FROM response WHERE entry_id = 2 AND position = 1")
    expected = ("Entry 2 must have response_0 and response_1, no fewer and no more.",)
    assert plants.problems()["responses"] == expected


@pytest.mark.parametrize(("unit", "expected"), [("single", "response_0"), ("prompt", "no response")])
def test_responses_follow_the_unit(plants, unit, expected):
    plants.sql(f"UPDATE dataset SET unit = '{unit}'")
    problems = plants.problems()["responses"]
    assert problems[0] == f"Entry 1 must have {expected}, no fewer and no more."
    assert len(problems) == 4


def test_counter_behind_its_rows_is_found(plants):
    plants.sql(
        "UPDATE counter SET value = 2 WHERE name = 'entry_id'", "DELETE FROM counter WHERE name = 'data_version'"
    )
    assert plants.problems()["counters"] == (
        "Counter data_version is missing.",
        "Counter entry_id stands at 2, behind 4, which was given out already.",
    )


def test_damaged_index_is_found(plants):
    plants.sql(
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX ix_review_entry_id ON review (revision)'"
        " WHERE name = 'ix_review_entry_id'",
    )
    problems = plants.problems()
    assert "missing from index ix_review_entry_id" in problems["database file"][0]
    assert "ix_review_entry_id" in problems["schema"][0]


def test_older_schema_is_said(plants):
    plants.sql("UPDATE alembic_version SET version_num = '2020'")
    (problem,) = plants.problems()["schema"]
    assert problem.startswith("It is 2020, this version needs ")


def test_differing_tables_are_named(plants):
    plants.sql("ALTER TABLE review DROP COLUMN shuffled", "ALTER TABLE flag RENAME COLUMN created_at TO made_at")
    problems = " ".join(plants.problems()["schema"])
    assert "add column review shuffled" in problems
    assert "remove column flag made_at" in problems


def test_differing_column_type_is_named(plants):
    plants.sql("ALTER TABLE flag DROP COLUMN created_at", "ALTER TABLE flag ADD COLUMN created_at INTEGER")
    assert "modify type flag created_at" in " ".join(plants.problems()["schema"])


def test_file_that_is_no_database_is_said(plants):
    plants.path.write_bytes(b"no database" * 1000)
    problems = plants.problems()
    assert problems["database file"] == ("It could not be read: file is not a database.",)


def test_damaged_page_is_said(plants):
    (page,) = plants.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'verdict'")[0]
    plants.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with plants.path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 200)
    problems = plants.problems()
    assert problems["database file"]
    assert problems["reviews"] == ("It could not be read: database disk image is malformed.",)


def test_copy_that_cannot_be_made_is_said(plants, monkeypatch):
    def fail(*_):
        raise SQLITE.OperationalError("database or disk is full")

    monkeypatch.setattr(app.operations.check, "copy_database", fail)
    (problem,) = plants.problems(search_in_place=0)["search index"]
    assert problem == "It could not be looked at: No copy could be made to check it in: the disk is full."


def test_many_problems_are_counted(plants):
    plants.add_reviews(26)
    plants.sql("UPDATE review SET revision = 9")
    problems = plants.problems()["reviews"]
    assert (len(problems), problems[-1]) == (21, "And 10 more.")


def test_sqlite_with_the_wal_bug_is_a_warning(database, monkeypatch):
    monkeypatch.setattr(app.operations.check, "SQLITE_HAS_WAL_BUG", True)
    report = check_database(database)
    assert report.ok
    assert "install pysqlite3" in report.checks[0].warnings[0]
