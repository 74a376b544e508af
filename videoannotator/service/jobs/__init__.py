"""Jobs: their state machine, queue, attempts and events."""
