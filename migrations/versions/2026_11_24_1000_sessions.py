"""Samples, review sessions with their queues, adjudications; a reviewer may review an entry once a session"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_1000"
down_revision = "2026_11_23_1900"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _widen_review()
    _widen_remarks()
    _create_samples()
    _create_sessions()
    _create_queues()
    _create_adjudications()


def _widen_review() -> None:
    with op.batch_alter_table("review") as review:
        review.add_column(_item())
        review.add_column(sa.Column("seen_before", sa.Boolean(), nullable=False, server_default=sa.false()))
        review.drop_constraint("uq_review_reviewer_id_entry_id", type_="unique")
        review.create_unique_constraint(
            "uq_review_reviewer_id_entry_id_item_id", ["reviewer_id", "entry_id", "item_id"]
        )
    op.create_index("ix_review_item_id", "review", ["item_id"])


def _widen_remarks() -> None:
    """Each review has its own comment and flag."""
    op.drop_index("uq_comment_of_review", "comment")
    op.add_column("comment", _item())
    of_review = sa.text("of_review")
    op.create_index(
        "uq_comment_of_review",
        "comment",
        ["reviewer_id", "entry_id", "item_id"],
        unique=True,
        sqlite_where=of_review,
        postgresql_where=of_review,
    )
    with op.batch_alter_table("flag") as flag:
        flag.add_column(_item())
        flag.drop_constraint("uq_flag_reviewer_id_entry_id", type_="unique")
        flag.create_unique_constraint("uq_flag_reviewer_id_entry_id_item_id", ["reviewer_id", "entry_id", "item_id"])


def _item() -> sa.Column[int]:
    return sa.Column("item_id", BIG_ID, nullable=False, server_default="0")


def _create_samples() -> None:
    op.create_table(
        "sampling_plan",
        *_keyed("sampling_plan"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("design", JSON, nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("seed", BIG_ID, nullable=False),
        sa.Column("population", BIG_ID, nullable=False),
        sa.Column("strata", JSON, nullable=False),
        sa.Column("data_version", BIG_ID, nullable=False),
        sa.Column("revision", sa.String(), nullable=True),
        *_made("sampling_plan"),
    )
    op.create_index("ix_sampling_plan_dataset_id", "sampling_plan", ["dataset_id"])
    op.create_table(
        "sampled_entry",
        sa.Column("plan_id", BIG_ID, nullable=False),
        sa.Column("place", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("inclusion_probability", sa.Double(), nullable=False),
        sa.Column("cluster", sa.String(), nullable=True),
        _refers("sampled_entry", "plan_id", "sampling_plan"),
        _refers("sampled_entry", "entry_id", "entry"),
        sa.PrimaryKeyConstraint("plan_id", "place", name="pk_sampled_entry"),
    )
    op.create_index("ix_sampled_entry_entry_id", "sampled_entry", ["entry_id"])


def _create_sessions() -> None:
    op.create_table(
        "review_session",
        *_keyed("review_session"),
        sa.Column("plan_id", BIG_ID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("guideline_id", BIG_ID, nullable=True),
        sa.Column("label_fields", JSON, nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("shuffles", sa.Boolean(), nullable=False),
        sa.Column("overlap", BIG_ID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("acceptance", JSON, nullable=True),
        sa.Column("adjudicates", sa.String(), nullable=False),
        sa.Column("seed", BIG_ID, nullable=False),
        *_made("review_session"),
        sa.Column("closed_at", TIME, nullable=True),
        _refers("review_session", "plan_id", "sampling_plan"),
        _refers("review_session", "guideline_id", "guideline", ondelete=None),
    )
    op.create_index("ix_review_session_dataset_id", "review_session", ["dataset_id"])
    op.create_table(
        "participant",
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        _refers("participant", "session_id", "review_session"),
        _refers("participant", "reviewer_id", "reviewer", ondelete=None),
        sa.PrimaryKeyConstraint("session_id", "reviewer_id", name="pk_participant"),
    )
    op.create_index("ix_participant_reviewer_id", "participant", ["reviewer_id"])


def _create_queues() -> None:
    op.create_table(
        "session_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("position", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("inclusion_probability", sa.Double(), nullable=True),
        sa.Column("cluster", sa.String(), nullable=True),
        sa.Column("wanted", BIG_ID, nullable=False),
        sa.Column("done", BIG_ID, nullable=False),
        sa.Column("repeat_of", BIG_ID, nullable=True),
        sa.Column("only_reviewer_id", BIG_ID, nullable=True),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("explained_values", JSON, nullable=True),
        _refers("session_entry", "session_id", "review_session"),
        _refers("session_entry", "entry_id", "entry"),
        _refers("session_entry", "repeat_of", "session_entry"),
        _refers("session_entry", "only_reviewer_id", "reviewer", ondelete=None),
        sa.PrimaryKeyConstraint("id", name="pk_session_entry"),
        sa.UniqueConstraint("session_id", "position", name="uq_session_entry_session_id_position"),
    )
    op.create_index("ix_session_entry_entry_id", "session_entry", ["entry_id"])
    op.create_index(
        "ix_session_entry_open",
        "session_entry",
        ["session_id", "kind", "position"],
        sqlite_where=sa.text("done < wanted"),
    )
    op.create_table(
        "reservation",
        sa.Column("item_id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("skipped_at", TIME, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        _refers("reservation", "item_id", "session_entry"),
        _refers("reservation", "reviewer_id", "reviewer", ondelete=None),
        _refers("reservation", "session_id", "review_session"),
        sa.PrimaryKeyConstraint("item_id", "reviewer_id", name="pk_reservation"),
    )
    op.create_index("ix_reservation_session_id_reviewer_id", "reservation", ["session_id", "reviewer_id"])


def _create_adjudications() -> None:
    op.create_table(
        "adjudication",
        *_keyed("adjudication"),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("session_id", BIG_ID, nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("label_field", "stored_value", "value")),
        sa.Column("error_kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("reopened_at", TIME, nullable=True),
        sa.Column("reopened_by", BIG_ID, nullable=True),
        _refers("adjudication", "entry_id", "entry"),
        _refers("adjudication", "session_id", "review_session"),
        _refers("adjudication", "reviewer_id", "reviewer", ondelete=None),
        _refers("adjudication", "reopened_by", "reviewer", ondelete=None),
    )
    for column in ("dataset_id", "entry_id", "session_id"):
        op.create_index(f"ix_adjudication_{column}", "adjudication", [column])
    op.create_index(
        "uq_adjudication_settled",
        "adjudication",
        ["entry_id", "label_field"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
    )


def _keyed(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        _refers(table, "dataset_id", "dataset"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _made(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("created_by", BIG_ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        _refers(table, "created_by", "reviewer", ondelete=None),
    ]


def _refers(table: str, column: str, other: str, ondelete: str | None = "CASCADE") -> sa.schema.SchemaItem:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)
