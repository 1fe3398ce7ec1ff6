"""The one store: SQLite as it comes, PostgreSQL by URL."""
