"""Models: which weights there are, where they lie, and sessions that run them."""
