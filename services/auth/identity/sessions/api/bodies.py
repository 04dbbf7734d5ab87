"""What requests about sessions say."""

from identity.users.fields import Email, Password
from shared.http.fields import Body, Text


class Credentials(Body):
    """Address and password."""

    email = Email()
    password = Password()


class RefreshBody(Body):
    """A refresh token."""

    refresh = Text(max_length=512)
