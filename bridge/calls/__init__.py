"""Calls to other programs: what one came to, when and how fast it is tried again, what is kept meanwhile."""
