"""Videos with their annotations drawn into them."""

from videoannotator.render.rendering import SUFFIXES, render

__all__ = ["SUFFIXES", "render"]
