"""Runs migrations on the connection that app.operations.migrations hands over."""

from alembic import context

from app.models import Base

# Full text is SQLite's own (a view, a virtual table and its shadow tables); autogenerate would propose to drop it.
PLAIN_SQL = ("entry_text", "entry_search")


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    return not (type_ == "table" and name is not None and name.startswith(PLAIN_SQL))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
