"""Occasions: what rules are asked about that is no purchase, such as a member's birthday."""
