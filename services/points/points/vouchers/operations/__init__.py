"""Writes of vouchers: campaigns, claim, redeem, roll back, cancel.

Row locks are taken in one order everywhere: order → voucher → points account → redemption → member's count →
campaign. The campaign's row is shared by all its members, so it is taken last and held shortest. Every
limit is one conditional update, and the number of rows it changed decides.
"""

from points.vouchers.operations.campaigns import change_campaign, create_campaign, move_campaign
from points.vouchers.operations.cancellations import cancel_voucher
from points.vouchers.operations.vouchers import claim_voucher, redeem_voucher, roll_back_redemption

__all__ = [
    "cancel_voucher",
    "change_campaign",
    "claim_voucher",
    "create_campaign",
    "move_campaign",
    "redeem_voucher",
    "roll_back_redemption",
]
