"""Programmes: what points are worth, how they are earned and how long they live."""
