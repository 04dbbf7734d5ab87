"""Events: what senders tell of members, their registrations and birthdays; and what members earn by them."""
