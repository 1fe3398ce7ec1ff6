"""The country: what it decides, and the files that it gives."""

from pathlib import Path

COUNTRIES = Path(__file__).parent.parent / "countries"
"""The folders that are shipped: farajaland, uganda."""
