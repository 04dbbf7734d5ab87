"""What the points service says (outgoing) and listens to (incoming)."""
