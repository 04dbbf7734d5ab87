"""Blocks, proofs and the keys to check them with, over HTTP."""
