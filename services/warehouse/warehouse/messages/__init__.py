"""What the warehouse service says (outgoing) and listens to (incoming)."""
