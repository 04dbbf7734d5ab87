"""The card network behind one small protocol, and the simulated one with books of its own."""
