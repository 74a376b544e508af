"""Generated stubs of the contract; never edited."""
