"""Bytes on their way, on the screen."""

from __future__ import annotations

from videoannotator_client.progress import RichBar

from videoannotator.cli.terminal import Terminal


def transfer_bar(terminal: Terminal) -> RichBar:
    """Return a bar that vanishes when it is closed; it shows nothing where it cannot be redrawn in place."""
    return RichBar(terminal.err, enabled=terminal.is_live, transient=True)
