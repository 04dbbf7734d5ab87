"""What can be done with wallets."""

from datetime import datetime
from uuid import UUID

from payments.ledger.operations import post
from payments.messages import outgoing
from payments.provider.errors import AnswerLost
from payments.provider.fingerprints import fingerprint_of
from payments.provider.operations import check_cards_are_taken, provider
from payments.provider.protocol import Outcome
from payments.provider.rules import Card
from payments.wallets.errors import WrongCurrency
from payments.wallets.models import Topup, Wallet
from payments.wallets.rules import FAILED, PROCESSING, SUCCEEDED, topup_transfer, wallet_id_of
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish
from shared.money import Money


def open_wallet(*, member_id: UUID, currency: str, at: datetime) -> Wallet:
    """Return the member's wallet in this currency, made now when there was none."""
    wallet, _made = Wallet.objects.get_or_create(
        member_id=member_id,
        currency=currency,
        defaults={"id": wallet_id_of(member_id, currency), "created_at": at},
    )
    return wallet


def begin_topup(wallet: Wallet, *, amount: Money, card: Card, at: datetime) -> UUID:
    """Write down that a card is about to be charged for a wallet, before anybody is asked; return the top-up's id.

    :raises CardsNotTaken: there is no card network here.
    :raises WrongCurrency: the wallet has another one.
    """
    check_cards_are_taken()
    if amount.currency != wallet.currency:
        raise WrongCurrency(currency=wallet.currency)
    topup = Topup.objects.create(
        id=new_id(),
        wallet=wallet,
        amount=amount.amount,
        currency=amount.currency,
        status=PROCESSING,
        card_brand=card.brand,
        card_last4=card.last4,
        card_fingerprint=fingerprint_of(card),
        created_at=at,
    )
    return topup.id


def charge_topup(topup_id: UUID, *, card: Card, at: datetime) -> Topup:
    """Charge the card for a top-up that has begun and finish it; goes on from wherever an earlier try ended.

    It is still processing where the network's answer was lost: `resolve_topups` will find out.
    """
    topup = Topup.objects.get(id=topup_id)
    if topup.status != PROCESSING:
        return topup
    try:
        outcome = provider().charge(reference=topup_id, amount=Money(topup.amount, topup.currency), card=card, at=at)
    except AnswerLost:
        return topup
    return finish_topup(topup_id, outcome, at=at)


def finish_topup(topup_id: UUID, outcome: Outcome, *, at: datetime) -> Topup:
    """Write down how a top-up ended and, if well, give the money to the wallet. Only the first call has an effect."""
    with unit_of_work():
        topup = Topup.objects.select_for_update(no_key=True, of=("self",)).select_related("wallet").get(id=topup_id)
        if topup.status != PROCESSING:
            return topup
        topup.status = SUCCEEDED if outcome.approved else FAILED
        topup.decline_code = outcome.decline_code
        topup.finished_at = at
        topup.save(update_fields=["status", "decline_code", "finished_at"])
        if outcome.approved:
            _credit(topup, at)
    return topup


def resolve_topups(*, older_than: datetime, at: datetime, limit: int = 100) -> int:
    """Ask the card network about top-ups made at an instant or before whose end is unknown; return how many ended."""
    unknown = Topup.objects.filter(status=PROCESSING, created_at__lte=older_than).order_by("created_at")
    found = list(unknown.values_list("id", flat=True)[:limit])
    ends = ((id_, provider().close_charge(reference=id_, at=at)) for id_ in found)
    return sum(finish_topup(id_, outcome, at=at).status != PROCESSING for id_, outcome in ends)


def _credit(topup: Topup, at: datetime) -> None:
    money = Money(topup.amount, topup.currency)
    entries = post([topup_transfer(topup_id=topup.id, wallet_id=topup.wallet_id, money=money)], at=at)
    members = {topup.wallet_id: topup.wallet.member_id}
    publish(outgoing.wallet_changes(entries, kind="topup", members=members, at=at), at=at)
