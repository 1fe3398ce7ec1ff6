"""The people whom the ID system knows, and the numbers by which it knows them."""
