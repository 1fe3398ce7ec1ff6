"""One file, one story. `scenarios.library` finds every module here."""
