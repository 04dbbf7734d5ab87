"""The public keys to check blocks with."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.seals.api.answers import SealKeysAnswer
from points.seals.queries import public_keys
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply

CACHED_SECONDS = 60


class SealKeys(ServiceView):
    """The keys to check blocks with."""

    public = True
    authentication_classes = []

    @operation("list_seal_keys", "Public keys of blocks", answers={200: SealKeysAnswer})
    def get(self, _request: Request) -> HttpResponse:
        answer = reply({"keys": list(public_keys().values())})
        answer["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
        return answer
