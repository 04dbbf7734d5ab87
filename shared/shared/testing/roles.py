"""The same few roles in every test: who they are and what they may do."""

from uuid import UUID

from shared.callers import Caller

_MEMBER = """points:read points:redeem vouchers:read vouchers:claim vouchers:redeem wallets:read wallets:write
    payments:read payments:write"""
_OPERATOR = """programmes:write points:read-any points:earn points:redeem-any points:adjust vouchers:manage
    vouchers:redeem-any merchants:write payments:read-any payments:refund-any wallets:read-any reports:read
    users:manage clients:manage audit:read messages:manage clock:move"""
MEMBER_SCOPES = frozenset(_MEMBER.split())
MERCHANT_SCOPES = frozenset(
    {"payments:read", "payments:refund", "merchants:read", "vouchers:redeem", "purchases:write"}
)
ANALYST_SCOPES = frozenset({"reports:read"})
OPERATOR_SCOPES = frozenset(_OPERATOR.split())

MERCHANT_ID = UUID("00000000-0000-7000-8000-00000000000a")
MEMBER = Caller(UUID("00000000-0000-7000-8000-000000000001"), MEMBER_SCOPES, ("member",))
OTHER_MEMBER = Caller(UUID("00000000-0000-7000-8000-000000000002"), MEMBER_SCOPES, ("member",))
MERCHANT = Caller(UUID("00000000-0000-7000-8000-000000000003"), MERCHANT_SCOPES, ("merchant",), MERCHANT_ID)
OPERATOR = Caller(UUID("00000000-0000-7000-8000-000000000004"), OPERATOR_SCOPES, ("admin",))
ANALYST = Caller(UUID("00000000-0000-7000-8000-000000000005"), ANALYST_SCOPES, ("analyst",))
