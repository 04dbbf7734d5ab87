"""The Django app of tiers."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.tiers"
    label = "tiers"

    def ready(self) -> None:
        """Let the ledger tell of postings in programmes with tiers: it knows nothing of what stands upon it."""
        from points.ledger.posting.followers import follow
        from points.tiers.operations import TiersOfPostings

        follow(TiersOfPostings())
