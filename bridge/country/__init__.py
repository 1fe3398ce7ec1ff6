"""The country: what it decides, and the files that it gives."""
