"""Our facts against what the services count in their own ledgers."""
