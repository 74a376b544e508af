"""The command line: `videoannotator ...`."""
