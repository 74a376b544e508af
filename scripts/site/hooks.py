"""What mkdocs asks while it builds the site; mkdocs.yml names this file."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from scripts.site import links, navigation, reference
from scripts.site.guests import GUESTS, ROOT

_MERMAID = "scripts/site/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
_PICTURES = "assets/mermaid.js"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write out the patterns of the navigation."""
    known = [*navigation.written(ROOT / "docs"), *GUESTS, *reference.pages()]
    config.nav = navigation.expand(config.nav or [], known)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie in docs/: pages of other folders, the reference of the library, the script of diagrams."""
    for uri, path in GUESTS.items():
        files.append(File.generated(config, uri, content=(ROOT / path).read_text(encoding="utf-8")))
    for uri, text in reference.pages().items():
        files.append(File.generated(config, uri, content=text))
    files.append(File.generated(config, _PICTURES, abs_src_path=str(ROOT / _MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links into the repository at the pages of the site."""
    return links.for_site(markdown, page.file.src_uri)
