"""Opening untrusted media safely, and decoding each file once."""
