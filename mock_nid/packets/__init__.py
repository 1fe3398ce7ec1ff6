"""Packets on their way: what is known of one, which stages it passes, what is planned for it."""
