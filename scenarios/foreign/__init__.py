"""Parts that are not ours: how they are watched, asked and judged from outside."""
