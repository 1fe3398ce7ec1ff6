"""The auth manager and what stands behind it: clients, tokens, and who may do what."""
