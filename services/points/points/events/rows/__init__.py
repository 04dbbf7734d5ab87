"""The rows of events: read and written in as few statements as there are lists."""
