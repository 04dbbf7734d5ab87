"""The module keys: the keys that sign access tokens."""
