"""The REST face: Envoy turns requests into calls of RestService, which is mostly derived from the native services."""
