"""The HTTP floor under all servers and callers: how one listens, how one calls."""
