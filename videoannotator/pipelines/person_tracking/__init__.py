"""Finding people, following them through the video, and their 17 joints."""
