"""What requests about service clients say."""

from rest_framework import serializers

from identity.users.fields import Name
from shared.http.fields import Body, Choice, Identifier, Text


class NewClient(Body):
    """A client to make. With `merchant_id` it works for that merchant and may do at most what a merchant may."""

    name = Name()
    scopes = serializers.ListField(
        child=Text(max_length=64), max_length=50, required=False, default=None, allow_null=True
    )
    merchant_id = Identifier(required=False, allow_null=True, default=None)


class TokenForm(Body):
    """The form of a token request; the client's id and secret come by HTTP Basic or here. Others are ignored."""

    grant_type = Choice(choices=["client_credentials"])
    scope = Text(required=False, help_text="fewer scopes than the client has, separated by blanks")
    client_id = Identifier(required=False)
    client_secret = Text(required=False)
