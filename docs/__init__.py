"""The documentation; `python -m docs.generate` renders its reference pages from the code's own tables."""
