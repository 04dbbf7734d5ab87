"""The module clients: programs that call the system on their own behalf."""
