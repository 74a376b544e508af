"""The REST contract as an OpenAPI document: rest.proto in the words of its comments, and rest.yaml beside it."""
