"""What happens around every call: errors become envelopes, tokens become principals."""
