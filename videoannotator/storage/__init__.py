"""Files: where they lie, how they arrive, how results become durable, how they leave."""
