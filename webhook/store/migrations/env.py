"""Alembic's way in. The caller opens the transaction: one for all migrations, on SQLite as well."""

from alembic import context

from webhook.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
