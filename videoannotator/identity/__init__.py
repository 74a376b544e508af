"""Who is who: which face is on which person, and which of them speaks. docs/identity.md has the rules."""

from videoannotator.identity.links import Link, face_name, person_name
from videoannotator.identity.tracks import Identities, Seen, Track, identify

__all__ = ["Identities", "Link", "Seen", "Track", "face_name", "identify", "person_name"]
