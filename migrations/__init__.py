"""Alembic's revisions of the system tables. Business tables are evolved by engine/publishing, never here."""
