"""What the auth service says (outgoing) and listens to (incoming)."""
