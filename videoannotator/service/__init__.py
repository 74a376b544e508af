"""The durable service: tokens, videos, jobs, artifacts and how attempts are run."""
