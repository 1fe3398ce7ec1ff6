"""What was seen, as evidence, and what it says about the promises."""
