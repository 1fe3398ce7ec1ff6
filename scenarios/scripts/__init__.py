"""One file, one story; what it plays stands in its `@story`. `scenarios.library` finds every module here."""
