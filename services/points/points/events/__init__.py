"""Events: what senders tell of members, and their registrations; and what members earn by them."""
