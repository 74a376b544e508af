"""Everything the client can do, once for both kinds of client. A job may be given as itself or by its id."""
