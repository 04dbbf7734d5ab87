"""The Django app of tiers."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.tiers"
    label = "tiers"

    def ready(self) -> None:
        """Have postings, purchases and events in programmes with tiers told: they know nothing of what stands upon
        them."""
        from points.earning import followers as purchases_and_events
        from points.ledger.posting import followers as postings
        from points.tiers.operations import TiersOfPostings, TiersOfPurchasesAndEvents

        postings.follow(TiersOfPostings())
        purchases_and_events.follow(TiersOfPurchasesAndEvents())
