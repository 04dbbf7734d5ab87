"""The rules by which members earn, held against a reference model and an independent engine."""
