"""Pipelines: specs that any process can read, implementations that only a worker imports."""
