"""Files that are broken, cut short, or not what their name says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def truncated(source: Path, target: Path, share: float) -> Path:
    """Write the first ``share`` (0..1) of a file's bytes to ``target`` and return it."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def flipped(source: Path, target: Path, seed: int, *, bits: int = 20, start: float = 0.0) -> Path:
    """Write a copy to ``target`` with single bits flipped, all behind the first ``start`` (0..1) of the file."""
    data = bytearray(source.read_bytes())
    chance = np.random.default_rng(seed)
    places = chance.integers(int(len(data) * start), len(data), bits)
    for place, bit in zip(places, chance.integers(0, 8, bits), strict=True):
        data[place] ^= 1 << int(bit)
    target.write_bytes(data)
    return target


def replaced(source: Path, target: Path, old: bytes, new: bytes) -> Path:
    """Write a copy to ``target`` with every ``old`` changed to ``new``, to make headers lie; return it."""
    data = source.read_bytes()
    if old not in data:
        raise ValueError(f"{source.name} does not contain {old!r}")
    target.write_bytes(data.replace(old, new))
    return target


def disguises(victim: str) -> dict[str, bytes]:
    """Return the contents of files that are not videos, by what they are; the playlists name the file ``victim``."""
    return {
        "empty": b"",
        "zeros": bytes(5000),
        "ffconcat": f"ffconcat version 1.0\nfile {victim}\n".encode(),
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{victim}\n#EXT-X-ENDLIST\n".encode(),
        "dash": f'<?xml version="1.0"?>\n<MPD><BaseURL>{victim}</BaseURL></MPD>\n'.encode(),
        "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n",
        "zip": _zip(victim),
        "png": _PNG,
        "html": b"<!DOCTYPE html><html><body>404</body></html>",
        "text": b"These are my notes about the session of Tuesday.",
        "noise": np.random.default_rng(7).bytes(5000),
    }


def _zip(victim: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(victim, b"nothing")
    return buffer.getvalue()
