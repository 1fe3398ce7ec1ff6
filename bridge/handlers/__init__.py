"""The HTTP edges: they parse and render, and decide nothing."""
