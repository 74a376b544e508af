"""Committed files of results: kept, read, downloaded."""
