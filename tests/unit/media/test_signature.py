"""A file is what its first bytes say; its name does not matter."""

import pytest

from videoannotator.errors import UnsupportedMediaError
from videoannotator.media import signature
from videoannotator.media.signature import identify
from videoannotator.testing.damage import disguises

TS_PACKET = b"\x47" + bytes(187)
M2TS_PACKET = bytes(4) + TS_PACKET


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom" + bytes(20), signature.MP4),
        (b"\x00\x00\x00\x14ftypqt  " + bytes(20), signature.MP4),
        (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", signature.MP4),
        (b"\x1aE\xdf\xa3" + bytes(20), signature.MATROSKA),
        (b"RIFF\x00\x10\x00\x00AVI LIST", signature.AVI),
        (b"RIFF\x00\x10\x00\x00WAVEfmt ", signature.WAV),
        (b"RF64\xff\xff\xff\xffWAVEds64", signature.WAV),
        (TS_PACKET * 5, signature.MPEG_TS),
        (M2TS_PACKET * 5, signature.MPEG_TS),
        (b"\x00\x00\x01\xba" + bytes(20), signature.MPEG_PS),
        (b"FLV\x01\x05" + bytes(20), signature.FLV),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), signature.ASF),
        (b"OggS\x00\x02", signature.OGG),
        (b"fLaC\x00\x00", signature.FLAC),
        (b"ID3\x04\x00", signature.MP3),
        (b"\xff\xfb\x90\x64", signature.MP3),
    ],
)
def test_containers_are_known_by_their_first_bytes(head: bytes, kind: signature.Kind) -> None:
    assert identify(head) is kind


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty", "zero bytes"),
        ("zeros", "nothing but zero bytes"),
        ("ffconcat", "FFmpeg concat script"),
        ("m3u8", "HLS playlist"),
        ("dash", "DASH manifest"),
        ("sdp", "SDP session description"),
        ("zip", "zip archive"),
        ("png", "an image"),
        ("html", "web page"),
        ("text", "a text file"),
        ("noise", "unknown kind"),
    ],
)
def test_what_is_no_video_is_refused_by_what_it_seems_to_be(name: str, words: str) -> None:
    with pytest.raises(UnsupportedMediaError, match=words):
        identify(disguises("victim.mp4")[name])


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\xef\xbb\xbf\r\n ffconcat version 1.0", "concat script"),
        (b"\n#extm3u\n", "HLS playlist"),
        (b"<MPD xmlns='urn:mpeg:dash'>", "DASH manifest"),
        (b'<?xml version="1.0"?><smil/>', "XML document"),
        (b"\xff\xd8\xff\xe0JFIF", "an image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "an image"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "an image"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "compressed archive"),
        (b"#!/bin/sh\n", "a script"),
        (b"\xff\xff\xff\xff", "unknown kind"),
        (b"\x47", "unknown kind"),
    ],
)
def test_disguises_are_seen_through(head: bytes, words: str) -> None:
    with pytest.raises(UnsupportedMediaError, match=words):
        identify(head)
