"""Run by Alembic on the connection that `run.py` hands in, inside its transaction."""

from alembic import context

from leadyard.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
