"""Generated stubs of the REST contract; never edited."""
