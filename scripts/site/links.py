"""Links that work in the repository, made to work on the site."""

from __future__ import annotations

import posixpath
import re

from scripts.site.guests import ROOT, repository_path, site_uri

_FENCE = re.compile(r"^ *(```|~~~)")
_LINK = re.compile(r"(?P<text>!?\[[^\]]*\])\((?P<path>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")


def for_site(markdown: str, uri: str) -> str:
    """Return the text of a page with its links to files of the repository pointing at pages of the site.

    A link to a file that the site does not have becomes plain text. A link to nothing stays, and fails the build.
    """
    lines, in_code = [], False
    for line in markdown.splitlines():
        in_code ^= _FENCE.match(line) is not None
        lines.append(line if in_code else _LINK.sub(lambda found: _replaced(found, uri), line))
    return "\n".join(lines)


def _replaced(link: re.Match[str], uri: str) -> str:
    source = repository_path(uri)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link["path"]))
    if not (ROOT / path).exists():
        return link[0]  # made by the build, or broken: mkdocs knows
    target = site_uri(path)
    if target is None:
        return link["text"][1:-1]
    relative = posixpath.relpath(target, posixpath.dirname(uri) or ".")
    return f"{link['text']}({relative}{link['anchor'] or ''})"
