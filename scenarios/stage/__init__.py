"""Where a story is played: the servers, ours or foreign, their clocks, and the actors around them."""
