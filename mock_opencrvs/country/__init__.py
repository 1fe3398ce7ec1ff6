"""The country's own server: its configuration, the trigger, and what its answer means."""
