"""Finding faces, following them through the video, and what they look like: emotion, age, gender."""
