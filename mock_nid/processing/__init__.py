"""What is done with a packet, and what comes of it: births, updates, credentials, events."""
