"""Alembic's entry: migrates over the connection that `bridge.store.schema` hands over."""

from alembic import context

from bridge.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
