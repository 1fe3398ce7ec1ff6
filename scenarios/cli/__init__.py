"""The `rehearse` command."""
