"""What a file says: its columns, its records, and the posting that each row asks for."""
