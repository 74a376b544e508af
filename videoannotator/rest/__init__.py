"""The REST twin of the contract."""
