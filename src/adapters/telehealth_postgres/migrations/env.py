"""Alembic's way in: runs the revisions on the connection that `migrations` hands it."""

from alembic import context

from telehealth_postgres.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=lambda _, name, *__: not str(name).startswith("procrastinate_"),  # a library's
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
