"""What requests about merchants say."""

from shared.http.fields import Body, Text


class MerchantBody(Body):
    """What a new merchant is called."""

    name = Text(max_length=100)
