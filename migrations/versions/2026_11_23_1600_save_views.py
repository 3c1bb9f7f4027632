"""Save views: query strings of a dataset's list, under names"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1600"
down_revision = "2026_11_23_1500"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_by", BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_saved_view_dataset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["reviewer.id"], name="fk_saved_view_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("dataset_id", "name_key", name="uq_saved_view_dataset_id_name_key"),
        sqlite_autoincrement=True,
    )
