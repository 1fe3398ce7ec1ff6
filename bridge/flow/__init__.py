"""THE WAY of a registration, one module a step."""
