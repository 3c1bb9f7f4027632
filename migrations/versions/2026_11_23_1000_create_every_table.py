"""Create every table"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1000"
down_revision = None
branch_labels = None
depends_on = None


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COUNTERS = ("event_id", "entry_id", "data_version")

# External content: the index stores no text of its own, it reads the view. `search_text` is a function of the
# application's connections (app/text.py). Position 1 is missing in datasets with a single response.
SEARCH = (
    """
    CREATE VIEW entry_text AS
    SELECT entry.id AS id,
           search_text(entry.prompt) AS prompt,
           search_text(first.text) AS response_0,
           search_text(second.text) AS response_1
    FROM entry
    LEFT JOIN response AS first ON first.entry_id = entry.id AND first.position = 0
    LEFT JOIN response AS second ON second.entry_id = entry.id AND second.position = 1
    """,
    """
    CREATE VIRTUAL TABLE entry_search USING fts5(
        prompt, response_0, response_1,
        content='entry_text', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )
    """,
)

APPEND_ONLY = (
    """
    CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END
    """,
    """
    CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END
    """,
)


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "dataset",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=True),
        sa.Column("citation", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("taxonomy", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("label_fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("data_version", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset"),
        sa.UniqueConstraint("slug", name="uq_dataset_slug"),
    )
    op.create_table(
        "event",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=True),
        sa.Column("dataset_id", BIG_ID, nullable=True),
        sa.Column("entry_id", BIG_ID, nullable=True),
        sa.Column("review_id", BIG_ID, nullable=True),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_review_id", "event", ["review_id"])

    op.create_table(
        "reviewer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviewer"),
        sa.UniqueConstraint("name_key", name="uq_reviewer_name_key"),
    )
    op.create_table(
        "dataset_import",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("requested_revision", sa.String(), nullable=True),
        sa.Column("revision", sa.String(), nullable=True),
        sa.Column("subset", sa.String(), nullable=True),
        sa.Column("splits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows_read", BIG_ID, nullable=False),
        sa.Column("rows_imported", BIG_ID, nullable=False),
        sa.Column("rows_present", BIG_ID, nullable=False),
        sa.Column("rows_rejected", BIG_ID, nullable=False),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_dataset_import_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_import"),
    )
    op.create_index("ix_dataset_import_dataset_id", "dataset_import", ["dataset_id"])

    op.create_table(
        "entry",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.Column("import_id", BIG_ID, nullable=False),
        sa.Column("seen_import_id", BIG_ID, nullable=False),
        sa.Column("subset", sa.String(), nullable=True),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("row", BIG_ID, nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("prompt_source", sa.String(), nullable=True),
        sa.Column("better_response_id", sa.SmallInteger(), nullable=True),
        sa.Column("safer_response_id", sa.SmallInteger(), nullable=True),
        sa.Column("content_key", sa.LargeBinary(length=20), nullable=False),
        sa.Column("occurrence", BIG_ID, nullable=False),
        sa.Column("contradictions", BIG_ID, nullable=False),
        sa.Column("length", BIG_ID, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_entry_dataset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["import_id"], ["dataset_import.id"], name="fk_entry_import_id"),
        sa.ForeignKeyConstraint(["seen_import_id"], ["dataset_import.id"], name="fk_entry_seen_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint(
            "dataset_id", "content_key", "occurrence", name="uq_entry_dataset_id_content_key_occurrence"
        ),
    )
    op.create_index("ix_entry_dataset_id", "entry", ["dataset_id"])
    op.create_table(
        "rejected_row",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("import_id", BIG_ID, nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("line", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["dataset_import.id"], name="fk_rejected_row_import_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rejected_row"),
    )
    op.create_index("ix_rejected_row_import_id", "rejected_row", ["import_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_comment_entry_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name="fk_comment_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sa.UniqueConstraint("reviewer_id", "entry_id", name="uq_comment_reviewer_id_entry_id"),
    )
    op.create_index("ix_comment_entry_id", "comment", ["entry_id"])

    op.create_table(
        "flag",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_flag_entry_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name="fk_flag_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
        sa.UniqueConstraint("reviewer_id", "entry_id", name="uq_flag_reviewer_id_entry_id"),
    )
    op.create_index("ix_flag_entry_id", "flag", ["entry_id"])

    op.create_table(
        "response",
        sa.Column("entry_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("is_safe", sa.Boolean(), nullable=True),
        sa.Column("severity_level", sa.SmallInteger(), nullable=True),
        sa.Column("harm_categories", BIG_ID, nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_response_entry_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "position", name="pk_response"),
    )
    op.create_table(
        "review",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", BIG_ID, nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("shuffled", sa.Boolean(), nullable=False),
        sa.Column("active_seconds", BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_review_entry_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name="fk_review_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint("reviewer_id", "entry_id", name="uq_review_reviewer_id_entry_id"),
    )
    op.create_index("ix_review_entry_id", "review", ["entry_id"])
    op.create_index("ix_review_updated_at", "review", ["updated_at"])

    op.create_table(
        "verdict",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("review_id", BIG_ID, nullable=False),
        sa.Column("label_field", sa.String(), nullable=False),
        sa.Column("stored_value", sa.String(), nullable=False),
        sa.Column("first_value", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("corrected_value", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_verdict_review_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_verdict"),
        sa.UniqueConstraint("review_id", "label_field", name="uq_verdict_review_id_label_field"),
    )
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counter, [{"name": name, "value": 0} for name in COUNTERS])
    if op.get_bind().dialect.name == "sqlite":
        for statement in (*SEARCH, *APPEND_ONLY):
            op.execute(statement)
