"""Reports: listeners to the engine's events. None of them decides anything."""
