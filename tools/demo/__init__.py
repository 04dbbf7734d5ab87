"""A purchase, played through the gateway and printed step by step: `make demo`."""
