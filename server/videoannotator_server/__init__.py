"""The gRPC face of the library: messages in, library calls, messages out."""
