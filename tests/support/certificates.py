"""Certificates for tests of TLS."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certificate(directory: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that vouches for itself, and its key; return both paths."""
    cert, key = directory / "cert.pem", directory / "key.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    command = ("openssl", "req", "-x509", *kind, *names, "-keyout", str(key), "-out", str(cert))
    subprocess.run(command, check=True, capture_output=True)
    return cert, key
