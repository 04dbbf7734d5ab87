"""What is believed of a request: who sent it, and under which address the service is known.

Anything may be in a header. The gateway says the client's address and proves that it is the gateway; the service's own
address is a setting.
"""

import hmac
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def settle(request: HttpRequest) -> None:
    """Write into the request's environment what is so: `REMOTE_ADDR` is the client's address if the gateway says it,
    else the connection's; host and scheme are those of `PUBLIC_URL`, whatever `Host` said.

    :raises DisallowedHost: `Host` is none of `ALLOWED_HOSTS`.
    """
    request.get_host()
    environ = request.META
    if _is_from_gateway(environ.pop("HTTP_X_GATEWAY_SECRET", "")):
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", "")
    public = urlsplit(settings.PUBLIC_URL)
    environ["HTTP_HOST"], environ["wsgi.url_scheme"] = public.netloc, public.scheme


def _is_from_gateway(said: str) -> bool:
    return hmac.compare_digest(said.encode(), settings.GATEWAY_SECRET.encode())
