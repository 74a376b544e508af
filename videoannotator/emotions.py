"""The emotions that faces are read for. Their colours are in `videoannotator.drawing.colours`."""

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven expressions of FER2013, in the order in which the model returns them."""
