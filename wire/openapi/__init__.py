"""The contracts, hand-written; each server serves its own at `/openapi.yaml`, as a page at `/docs`."""

from pathlib import Path

FOLDER = Path(__file__).parent
