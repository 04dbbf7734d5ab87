"""The ends of lots: what ends them, who is told before, and what a person gives back after."""
