"""Keys over HTTP, for everybody."""
