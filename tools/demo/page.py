"""How the demo looks: at most 96 columns, plain text."""

from typing import Any

from tools.demo.caller import Answer

WIDTH = 96


def title(text: str) -> None:
    """Print the heading of a step."""
    print(f"\n━━ {text} {'━' * max(0, WIDTH - len(text) - 4)}", flush=True)


def call(who: str, what: str, answer: Answer) -> None:
    """Print a request and what became of it, with the id by which logs and messages know it."""
    print(f"  {who:9} {what:52} {answer.status}  {answer.milliseconds:4} ms  {answer.request_id[:14]}…", flush=True)


def note(text: str) -> None:
    """Print a remark, or a message that was sent."""
    print(f"            {text}", flush=True)


def message(name: str, journey: str, effect: str, seconds: float) -> None:
    """Print a message and the effect that was waited for."""
    note(f"✉ {name}  {journey}")
    note(f"  └ {effect}  (seen after {seconds * 1000:.0f} ms)")


def entries(posted: dict[str, Any]) -> None:
    """Print a points transaction with its entries and what it did to lots."""
    note(f"points_transaction {posted['id'][:13]}…  {posted['kind']}  {posted['change']:+} points")
    for entry in posted["entries"]:
        changed = f"{entry['bucket']:<10} {entry['points']:>+7}"
        note(f"  entry   {changed}   balance after {entry['balance_after']:>7}")
    for lot in posted["lots"]:
        until = (lot["expires_at"] or "never")[:10]
        note(f"  lot     {lot['lot_id'][:13]}…  {lot['points']:>+5}   ends {until}")


def wallet_entry(entry: dict[str, Any]) -> None:
    """Print an entry of a wallet."""
    amount, after = entry["amount"]["amount"], entry["balance_after"]["amount"]
    changed = f"{entry['kind']:8} {euros(amount, sign=True):>12}"
    note(f"wallet entry {entry['id'][:13]}…  {changed}   balance after {euros(after):>11}")


def euros(cents: int, *, sign: bool = False) -> str:
    """Write cents as an amount of money."""
    return f"{cents / 100:{'+' if sign else ''},.2f} EUR"


def table(columns: list[str], rows: list[list[Any]]) -> None:
    """Print a report."""
    cells = [columns, *[[str(value) for value in row] for row in rows]]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    for line in cells:
        print("            " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
