"""VideoAnnotator: time-aligned annotations of videos of people."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("videoannotator")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"
