"""Tell sources and revisions: what was asked for, what changed, what is outdated or withdrawn"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1500"
down_revision = "2026_11_23_1000"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
COUNTS = ("bytes_read", "bytes_total", "rows_changed", "rows_withdrawn", "rows_restored", "reviews_outdated")


def upgrade() -> None:
    op.add_column("dataset", sa.Column("schema", sa.String(), nullable=False, server_default="pku-pairs"))
    op.add_column("dataset", sa.Column("card_data", JSON, nullable=False, server_default="{}"))
    op.add_column("entry", sa.Column("extra", sa.String(), nullable=True))
    op.add_column("verdict", sa.Column("outdated", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("dataset_import") as table:
        table.alter_column("dataset_id", existing_type=BIG_ID, nullable=True)
        table.alter_column("started_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        table.add_column(sa.Column("slug", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("request", JSON, nullable=False, server_default="{}"))
        table.add_column(sa.Column("command", sa.String(), nullable=True))
        table.add_column(sa.Column("requested_by", BIG_ID, nullable=True))
        table.create_foreign_key("fk_dataset_import_requested_by", "reviewer", ["requested_by"], ["id"])
        table.add_column(sa.Column("is_dry_run", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("process_id", BIG_ID, nullable=True))
        table.add_column(sa.Column("schema", sa.String(), nullable=True))
        table.add_column(sa.Column("versions", JSON, nullable=False, server_default="{}"))
        table.add_column(sa.Column("changes", JSON, nullable=False, server_default="{}"))
        for name in COUNTS:
            table.add_column(sa.Column(name, BIG_ID, nullable=False, server_default="0"))
        for name in ("requested_at", "updated_at"):
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE dataset_import SET requested_at = started_at, updated_at = coalesce(finished_at, started_at), "
        "slug = (SELECT dataset.slug FROM dataset WHERE dataset.id = dataset_import.dataset_id)"
    )
    with op.batch_alter_table("dataset_import") as table:
        for name in ("requested_at", "updated_at"):
            table.alter_column(name, existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_table(
        "label_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("import_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("label_field", sa.String(), nullable=False),
        sa.Column("old_value", sa.String(), nullable=False),
        sa.Column("new_value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["dataset_import.id"], name="fk_label_change_import_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_label_change_entry_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_label_change"),
    )
    op.create_index("ix_label_change_import_id", "label_change", ["import_id", "label_field"])
    op.create_index("ix_label_change_entry_id", "label_change", ["entry_id"])
