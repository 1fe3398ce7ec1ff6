"""What a test in any language needs, by HTTP: `rehearse serve`."""
