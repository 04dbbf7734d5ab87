"""What requests about wallets say."""

from payments.provider.api.bodies import CardBody
from shared.http.fields import Body, Currency, Identifier, MoneyField, PageQuery


class WalletBody(Body):
    """In which currency the wallet is to be."""

    currency = Currency()


class WalletQuery(PageQuery):
    """Whose wallets; where nobody is named one's own, and of an operator everybody's."""

    member_id = Identifier(required=False)


class SourceBody(Body):
    """Where the money comes from."""

    card = CardBody()


class TopupBody(Body):
    """How much, and from where."""

    amount = MoneyField()
    # A field of this name, where DRF's own class has an option of it.
    source = SourceBody()  # type: ignore[assignment]
