"""Who appears in the stories: each actor is what a script speaks to."""
