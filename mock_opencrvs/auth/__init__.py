"""Who may come in: log-in, tokens, and what a caller's token lets it do."""
