"""A review of a session's item has a draft of its own, beside the one outside of sessions"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_1100"
down_revision = "2026_11_24_1000"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("draft", recreate="always") as draft:
        draft.add_column(sa.Column("item_id", BIG_ID, nullable=False, server_default="0"))
        draft.drop_constraint("pk_draft", type_="primary")
        draft.create_primary_key("pk_draft", ["reviewer_id", "entry_id", "item_id"])
