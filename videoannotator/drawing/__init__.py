"""Pictures and videos that show results: previews, timelines, overlays."""
