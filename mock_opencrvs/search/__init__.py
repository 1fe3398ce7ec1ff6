"""The search index: rows, queries, and which rows they mean."""
