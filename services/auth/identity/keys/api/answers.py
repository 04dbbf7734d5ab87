"""What is answered about the keys and about where tokens come from."""

from rest_framework import serializers

from shared.http.fields import Body


class JwkAnswer(Body):
    """A public key (RFC 7517)."""

    kty = serializers.ChoiceField(choices=["RSA"])
    use = serializers.ChoiceField(choices=["sig"])
    alg = serializers.ChoiceField(choices=["RS256"])
    kid = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()

    class Meta:
        ref_name = "Jwk"


class JwksAnswer(Body):
    """The public keys that access tokens may be signed with."""

    keys = JwkAnswer(many=True)


class DiscoveryAnswer(Body):
    """Where tokens come from and how to check them."""

    issuer = serializers.CharField()
    jwks_uri = serializers.URLField()
    token_endpoint = serializers.URLField()
    grant_types_supported = serializers.ListField(child=serializers.CharField())
    token_endpoint_auth_methods_supported = serializers.ListField(child=serializers.CharField())
    response_types_supported = serializers.ListField(child=serializers.CharField())
    subject_types_supported = serializers.ListField(child=serializers.CharField())
    id_token_signing_alg_values_supported = serializers.ListField(child=serializers.CharField())
    scopes_supported = serializers.ListField(child=serializers.CharField())
