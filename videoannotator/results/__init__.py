"""What pipelines found in one video, and what every file of it needs."""
