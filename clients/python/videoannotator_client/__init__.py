"""The Python client of VideoAnnotator."""
