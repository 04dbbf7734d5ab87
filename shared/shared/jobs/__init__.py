"""Long jobs: a row, done in chunks, each asked for by a message of the service to itself (ADR 46)."""
