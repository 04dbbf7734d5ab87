"""What requests about tiers must look like."""

from points.tiers.api.fields import TiersDocument
from shared.http.fields import Body, Identifier, PageQuery


class TiersBody(Body):
    """The tiers of a programme from now on."""

    document = TiersDocument()

    class Meta:
        ref_name = "NewTiers"


class TierQuery(Body):
    """Whose tier, in which programme; the caller's in the default one, where left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)


class TierChangesQuery(PageQuery):
    """Whose changes of the tier, in which programme; the caller's in the default one, where left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
