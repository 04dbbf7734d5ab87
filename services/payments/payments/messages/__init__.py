"""What the payments service says (outgoing) and listens to (incoming)."""
