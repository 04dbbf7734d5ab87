"""What programmes know of members: attributes, and the segments that members are in."""
