"""A judge is tried by the guilty: a bridge that shares nothing with ours, and its seeded defects."""
