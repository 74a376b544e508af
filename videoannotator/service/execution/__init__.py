"""How an attempt runs: in a process of its own today, on a cluster one day."""
