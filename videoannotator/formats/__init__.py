"""One writer per file format. Formats know records, never pipelines."""
