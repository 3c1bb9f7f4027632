"""What the review screen needs: conditions, drafts, skips, steps of undo, threads, kinds of flags, guidelines"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1800"
down_revision = "2026_11_23_1700"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_guideline()
    _create_decisions()
    _widen_reviewer()
    _widen_review()
    _widen_remarks()


def _create_guideline() -> None:
    op.create_table(
        "guideline",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.Column("version", BIG_ID, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_by", BIG_ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_guideline_dataset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["reviewer.id"], name="fk_guideline_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_guideline"),
        sa.UniqueConstraint("dataset_id", "version", name="uq_guideline_dataset_id_version"),
    )


def _create_decisions() -> None:
    op.create_table(
        "decision",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("last_event", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("undone_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name="fk_decision_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.UniqueConstraint("reviewer_id", "key", name="uq_decision_reviewer_id_key"),
    )
    op.create_index("ix_decision_reviewer_id_undone_at", "decision", ["reviewer_id", "undone_at", "id"])
    for table, columns in {
        "draft": [
            sa.Column("form", sa.JSON(none_as_null=True), nullable=False),
            sa.Column("sequence", BIG_ID, nullable=False),
            sa.Column("updated_at", TIME, nullable=False),
        ],
        "skip": [
            sa.Column("kind", sa.String(), nullable=False),
            sa.Column("reason", sa.String(), nullable=True),
            sa.Column("at", TIME, nullable=False),
        ],
    }.items():
        op.create_table(
            table,
            sa.Column("reviewer_id", BIG_ID, nullable=False),
            sa.Column("entry_id", BIG_ID, nullable=False),
            *columns,
            sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=f"fk_{table}_reviewer_id"),
            sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=f"fk_{table}_entry_id"),
            sa.PrimaryKeyConstraint("reviewer_id", "entry_id", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_entry_id", table, ["entry_id"])


def _widen_reviewer() -> None:
    op.add_column("reviewer", sa.Column("profile", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("reviewer", sa.Column("seed", BIG_ID, nullable=False, server_default="0"))
    reviewer = sa.table("reviewer", sa.column("id"), sa.column("seed"))
    db = op.get_bind()
    for reviewer_id in db.execute(sa.select(reviewer.c.id)).scalars().all():
        db.execute(sa.update(reviewer).where(reviewer.c.id == reviewer_id).values(seed=secrets.randbits(62)))


def _widen_review() -> None:
    with op.batch_alter_table("review") as review:
        review.add_column(sa.Column("left_position", sa.SmallInteger(), nullable=True))
        review.add_column(sa.Column("first_answers", sa.JSON(none_as_null=True), nullable=True))
        review.add_column(sa.Column("labels_seen_at", TIME, nullable=True))
        review.add_column(sa.Column("guideline_id", BIG_ID, nullable=True))
        review.create_foreign_key("fk_review_guideline_id", "guideline", ["guideline_id"], ["id"])
    # Until now every review was open, with response 0 on the left.
    op.execute("UPDATE review SET left_position = 0, labels_seen_at = updated_at")


def _widen_remarks() -> None:
    with op.batch_alter_table("comment") as comment:
        comment.drop_constraint("uq_comment_reviewer_id_entry_id", type_="unique")
        comment.add_column(sa.Column("of_review", sa.Boolean(), nullable=False, server_default=sa.true()))
        comment.add_column(sa.Column("created_at", TIME, nullable=True))
        comment.add_column(sa.Column("resolved_at", TIME, nullable=True))
        comment.add_column(sa.Column("resolved_by", BIG_ID, nullable=True))
        comment.create_foreign_key("fk_comment_resolved_by", "reviewer", ["resolved_by"], ["id"])
    op.execute("UPDATE comment SET created_at = updated_at")
    with op.batch_alter_table("comment") as comment:
        comment.alter_column("created_at", nullable=False)
        comment.alter_column("of_review", server_default=None)
    op.create_index(
        "uq_comment_of_review",
        "comment",
        ["reviewer_id", "entry_id"],
        unique=True,
        sqlite_where=sa.text("of_review"),
        postgresql_where=sa.text("of_review"),
    )
    waits = sa.text("resolved_at IS NULL AND (NOT of_review OR body LIKE '%@%')")
    op.create_index("ix_comment_waiting", "comment", ["entry_id"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_event_entry_id", "event", ["entry_id"])  # the history of an entry
    op.add_column("flag", sa.Column("kind", sa.String(), nullable=False, server_default="other"))
