"""A redemption that paid for something of ours belongs to it: it is not undone, or used, by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import points
from points.ledger.rules.owners import is_owned, voucher_claim_key, voucher_paid_by
from shared.ids import new_id

PACKAGE = Path(points.__file__).parent
# What a request named itself: it pays for whatever the caller says, until a purchase is said to be paid by it.
BY_REQUEST = {
    "ledger/api/redemptions.py",
    "ledger/operations/spending.py",
    "ledger/operations/holds.py",
    "ledger/api/bodies/batches.py",
    "imports/rules/rows.py",
}
# What pays for something of ours: its key says for what (ledger/rules/owners.py).
OWNED = {"vouchers/operations/vouchers.py"}


def spending(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield where a redemption is made: a call of `redeem_points`, or `Kind.REDEEMED` as what something is to be."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="redeem_points") | ast.Attribute(attr="redeem_points")):
                yield node
            case ast.Call(keywords=keywords):
                yield from (one for one in keywords if one.arg == "kind" and _is_redeemed(one.value))
            case ast.Dict(keys=keys, values=values) if any(map(_is_redeemed, values)) and "redeem" in map(_word, keys):
                yield node


def _is_redeemed(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "REDEEMED"


def _word(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def test_whatever_spends_points_is_a_request_or_says_what_it_pays_for() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts and list(spending(ast.parse(path.read_text())))
    }

    assert found == BY_REQUEST | OWNED
    for name in OWNED:
        tree = ast.parse((PACKAGE / name).read_text())
        for call in spending(tree):
            assert isinstance(call, ast.Call)
            [key] = [one.value for one in call.keywords if one.arg == "source_key"]
            assert ast.unparse(key).startswith("voucher_claim_key(")


def test_what_a_key_says_a_transaction_belongs_to() -> None:
    voucher_id = new_id()

    assert voucher_paid_by(voucher_claim_key(voucher_id)) == voucher_id
    for key in (None, "batch:1:voucher-claim:2", "payment:1:earn", "import:voucher-claim:x"):
        assert voucher_paid_by(key) is None
    assert [is_owned(key) for key in ("payment:1:earn", "purchase:1:earn", "batch:payment:1", None)] == [
        True,
        True,
        False,
        False,
    ]
