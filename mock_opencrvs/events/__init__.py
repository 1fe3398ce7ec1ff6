"""Records and their actions: what may be done, what is done, what is written."""
