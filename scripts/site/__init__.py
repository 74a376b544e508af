"""The documentation site: docs/ and the pages of the repository's other folders, with a reference from docstrings."""
