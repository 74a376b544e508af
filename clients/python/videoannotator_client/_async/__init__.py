"""The awaited client, from which `make client` generates the blocking one in ``_sync``."""
