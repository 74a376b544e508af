"""Finding the cuts between scenes."""
