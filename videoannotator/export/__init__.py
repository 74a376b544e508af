"""From results to the files of a job: which writers, which names, one index."""
