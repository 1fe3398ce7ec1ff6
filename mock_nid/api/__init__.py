"""The HTTP side of the MOSIP services: parse, ask, render."""
