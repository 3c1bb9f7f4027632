"""Accounts and how they sign in, who may see which dataset, and a chain through the events"""

import json
from datetime import UTC
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1900"
down_revision = "2026_11_23_1800"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TRIGGERS = {"event_is_never_changed": "UPDATE", "event_is_never_deleted": "DELETE"}
EVENT = sa.table(
    "event",
    *(sa.column(name, BIG_ID) for name in ("id", "reviewer_id", "dataset_id", "entry_id", "review_id")),
    sa.column("at", TIME),
    sa.column("kind", sa.String()),
    sa.column("request_id", sa.String()),
    sa.column("data", sa.JSON()),
    sa.column("hash", sa.LargeBinary()),
)


def upgrade() -> None:
    _widen_reviewer()
    _create_ways_to_sign_in()
    _chain_events()


def _widen_reviewer() -> None:
    op.add_column("reviewer", sa.Column("is_account", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("reviewer", sa.Column("password_hash", sa.String(), nullable=True))
    op.add_column("reviewer", sa.Column("password_set_at", TIME, nullable=True))
    op.add_column("reviewer", sa.Column("external_id", sa.String(), nullable=True))
    op.add_column("reviewer", sa.Column("disabled_at", TIME, nullable=True))
    op.add_column("reviewer", sa.Column("sees_all_datasets", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("reviewer") as reviewer:
        reviewer.create_unique_constraint("uq_reviewer_external_id", ["external_id"])


def _create_ways_to_sign_in() -> None:
    _create(
        "login",
        _secret(),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        *_times("created_at", "seen_at", "expires_at"),
        sa.Column("ended_at", TIME, nullable=True),
    )
    _create(
        "invitation",
        _secret(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_by", BIG_ID, nullable=True),
        *_times("created_at", "expires_at"),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["reviewer.id"], name="fk_invitation_created_by"),
    )
    _create(
        "api_token",
        _secret(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        *_times("created_at", "expires_at"),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
    )
    op.create_table(
        "attempt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        *_times("at"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_name_hash_at", "attempt", ["name_hash", "at"])
    op.create_index("ix_attempt_address_at", "attempt", ["address", "at"])
    op.create_table(
        "membership",
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        sa.Column("dataset_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name="fk_membership_reviewer_id"),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_membership_dataset_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reviewer_id", "dataset_id", name="pk_membership"),
    )
    op.create_index("ix_membership_dataset_id", "membership", ["dataset_id"])


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("reviewer_id", BIG_ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=f"fk_{table}_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("token_hash", name=f"uq_{table}_token_hash"),
    )
    op.create_index(f"ix_{table}_reviewer_id", table, ["reviewer_id"])


def _secret() -> sa.Column[bytes]:
    return sa.Column("token_hash", sa.LargeBinary(), nullable=False)


def _times(*names: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, TIME, nullable=False) for name in names]


def _chain_events() -> None:
    """Those there are become the beginning of the chain, as they stand."""
    for trigger in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger}")
    op.add_column("event", sa.Column("request_id", sa.String(), nullable=True))
    op.add_column("event", sa.Column("hash", sa.LargeBinary(), nullable=True))
    db, previous, last = op.get_bind(), bytes(32), 0
    while events := db.execute(sa.select(EVENT).where(EVENT.c.id > last).order_by(EVENT.c.id).limit(1000)).all():
        hashed = []
        for event in events:
            previous, last = _hash(previous, event), event.id
            hashed.append({"of": last, "hash": previous})
        db.execute(sa.update(EVENT).where(EVENT.c.id == sa.bindparam("of")).values(hash=sa.bindparam("hash")), hashed)
    with op.batch_alter_table("event") as event:
        event.alter_column("hash", existing_type=sa.LargeBinary(), nullable=False)
    op.create_index("ix_event_listed", "event", ["at", "kind", "reviewer_id", "dataset_id", "entry_id"])
    for trigger, change in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE {change} ON event\n"
            "    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
        )


def _hash(previous: bytes, event: sa.Row[tuple[object, ...]]) -> bytes:
    """As app.models.event.chained_hash had it when this was written."""
    names = ("id", "kind", "reviewer_id", "dataset_id", "entry_id", "review_id", "request_id", "data")
    said = [event.at.replace(tzinfo=UTC).isoformat(), *(event._mapping[name] for name in names)]
    return sha256(previous + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()
