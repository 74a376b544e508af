"""Access tokens, what they allow, and who did what."""
