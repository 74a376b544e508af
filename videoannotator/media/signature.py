"""What a file is by its first bytes. A file's name is never believed, and nothing is opened to find out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from videoannotator.errors import UnsupportedMediaError

HEAD_SIZE = 4096
"""Bytes that `identify` wants to see."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A container that this program opens.

    ``demuxer`` is FFmpeg's name of the only demuxer that may read it. ``arbitrary_clock`` marks transport and program
    streams, whose timestamps start anywhere; players show their first timestamp as 0.
    """

    name: str
    demuxer: str
    arbitrary_clock: bool = False


MP4 = Kind("MP4 or QuickTime", "mov")
MATROSKA = Kind("Matroska or WebM", "matroska")
AVI = Kind("AVI", "avi")
WAV = Kind("WAV", "wav")
MPEG_TS = Kind("MPEG transport stream", "mpegts", arbitrary_clock=True)
MPEG_PS = Kind("MPEG program stream", "mpeg", arbitrary_clock=True)
FLV = Kind("Flash video", "flv")
ASF = Kind("ASF or WMV", "asf")
OGG = Kind("Ogg", "ogg")
FLAC = Kind("FLAC", "flac")
MP3 = Kind("MP3", "mp3")

_TS_PACKET = 188
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp")
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"avif")
_ASF_GUID = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")

_SIGNATURES: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (MP4, lambda head: head[4:8] in _MP4_BOXES and not (head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS)),
    (MATROSKA, lambda head: head.startswith(b"\x1aE\xdf\xa3")),
    (AVI, lambda head: head.startswith(b"RIFF") and head[8:11] == b"AVI"),
    (WAV, lambda head: head.startswith((b"RIFF", b"RF64")) and head[8:12] == b"WAVE"),
    (MPEG_TS, lambda head: _has_ts_sync(head)),
    (MPEG_PS, lambda head: head.startswith(b"\x00\x00\x01\xba")),
    (FLV, lambda head: head.startswith(b"FLV\x01")),
    (ASF, lambda head: head.startswith(_ASF_GUID)),
    (OGG, lambda head: head.startswith(b"OggS")),
    (FLAC, lambda head: head.startswith(b"fLaC")),
    (MP3, lambda head: head.startswith(b"ID3") or _has_mp3_sync(head)),
)

_REFUSED_BYTES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), what)
    for pattern, what in (
        (rb"PK(\x03\x04|\x05\x06)", "a zip archive"),
        (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!", "a compressed archive"),
        (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|BM.{8}|RIFF.{4}WEBP", "an image"),
        (rb".{4}ftyp(heic|heix|mif1|avif)|.{4}jP  ", "an image"),
        (rb"%PDF", "a PDF document"),
        (rb"\x7fELF|MZ.{30}", "a program"),
        (rb"\x00+\Z", "nothing but zero bytes: the copy or recording was never written"),
    )
)

_REFUSED_TEXTS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), what)
    for pattern, what in (
        (rb"ffconcat", "an FFmpeg concat script"),
        (rb"#EXTM3U", "an HLS playlist (m3u8)"),
        (rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<MPD", "a DASH manifest"),
        (rb"<!DOCTYPE html|<html", "a web page, perhaps an error page saved as a video"),
        (rb"<", "an XML document"),
        (rb"v=0\r?\n", "an SDP session description"),
        (rb"#!", "a script"),
        (rb"WEBVTT", "a subtitle file"),
        (rb"[\t\n\r\x20-\x7e]{16,}\Z", "a text file"),
    )
)


def identify(head: bytes) -> Kind:
    """Return the container whose file starts with ``head``.

    Raises:
        UnsupportedMediaError: It is not on the list; the message says what the file seems to be.
    """
    for kind, matches in _SIGNATURES:
        if matches(head):
            return kind
    raise UnsupportedMediaError(f"The file is {_guess(head)}, not a video or audio file.")


def _guess(head: bytes) -> str:
    if not head:
        return "empty (zero bytes)"
    for pattern, what in _REFUSED_BYTES:
        if pattern.match(head):
            return what
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, what in _REFUSED_TEXTS:
        if pattern.match(text):
            return what
    return "of an unknown kind"


def _has_ts_sync(head: bytes) -> bool:
    """Whether a sync byte starts each of the first packets, which are 188 bytes long, or 192 with a time code."""
    for start, size in ((0, _TS_PACKET), (4, _TS_PACKET + 4)):
        marks = head[start : start + 5 * size : size]
        if len(marks) >= 2 and not marks.strip(b"\x47"):
            return True
    return False


def _has_mp3_sync(head: bytes) -> bool:
    """Whether ``head`` is a frame header of MPEG audio with a layer, a bit rate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, bit_rate, sample_rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer != 0 and bit_rate not in (0, 15) and sample_rate != 3
