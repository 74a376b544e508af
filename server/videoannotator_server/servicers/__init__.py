"""One servicer per service of the contract. They translate; the library decides."""
