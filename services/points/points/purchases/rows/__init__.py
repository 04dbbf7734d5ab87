"""The rows of purchases: read and written in as few statements as there are lists."""
