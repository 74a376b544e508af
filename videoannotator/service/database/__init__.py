"""The durable state: one schema, on SQLite or PostgreSQL."""
