"""Videos: uploads, their files and their rows."""
