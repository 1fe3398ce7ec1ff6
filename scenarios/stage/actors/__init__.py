"""Who acts in a story: people and parties, each with the requests that they make."""
