"""What tells a member and an operator of points: why a balance is what it is, what ends when, statements."""
