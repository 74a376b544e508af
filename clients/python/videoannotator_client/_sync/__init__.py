"""The blocking client. All but this file and runtime.py is generated from ``_async`` by `make client`."""
