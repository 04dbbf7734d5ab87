"""From facts of this service to the messages that publish them."""
