"""An example of a plugin for VideoAnnotator: where faces point."""
