"""What a person moves by hand beyond the limit of a day: asked for by one, decided by another."""
