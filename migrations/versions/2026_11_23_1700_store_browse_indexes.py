"""Store the browse indexes of large datasets"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1700"
down_revision = "2026_11_23_1600"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "browse_index_part",
        sa.Column("dataset_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_browse_index_part_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "name", "number", name="pk_browse_index_part"),
    )
