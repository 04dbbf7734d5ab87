"""All operations, asked for by all roles through the gateway, compared with the matrix."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from string import Formatter

from tools.attack.asking import OF_A_MEMBER, ON_THE_CALLER, found_in, request
from tools.attack.catalogue import probe
from tools.attack.line import Answer, Line
from tools.attack.matrix import COLUMNS, Row, rows
from tools.attack.stage import Stage
from tools.attack.things import Ids, absent, fresh, made

# Whoever owns nothing of what is asked for, and whose answers must therefore have nothing of it.
STRANGERS = frozenset({"other_member", "other_merchant", "other_merchant_client"})
_REFUSED = {401: "401", 403: "403"}
# What is nobody's secret, though the member has it in common with others.
_SHARED = frozenset({"programme_id", "merchant_id", "campaign_id", "role", "other_member_id", "own_email"})
# A sealed block names its last transaction, whose id opens nothing.
_PUBLISHED = frozenset({"list_seal_blocks"})
_BUSY = frozenset({0, 429})
_ENDS = (
    "approve",
    "cancel",
    "capture",
    "commit",
    "deactivate",
    "end",
    "merge",
    "redeem_voucher",
    "reject",
    "roll",
    "void",
)
# How many operations of a phase are asked for at once.
_THREADS = (8, 8, 8, 1)


@probe
def authorisation_matrix(stage: Stage) -> None:
    """Every role gets at every operation what matrix.csv says, and nothing of what is somebody else's."""
    ids, table = made(stage), rows()
    found: list[dict[str, str]] = []
    for phase, threads in enumerate(_THREADS):
        with ThreadPoolExecutor(threads) as pool:
            found += pool.map(partial(_row, stage, ids), [row for row in table if _phase(row) == phase])
    cells = Counter(cell for one in found for cell in one.values())
    done = sum("done" in one for one in found)
    said = ", ".join(f"{cell} ×{cells[cell]}" for cell in sorted(cells) if cell != "done")
    stage.say(f"{len(found)} operations × {len(COLUMNS)} roles: {said}; {done} operations done by somebody")


def _phase(row: Row) -> int:
    """Return when an operation is asked for: reads, writes, what ends things, and what ends the caller's own tokens."""
    if row["operation"] in ON_THE_CALLER:
        return 3
    return 0 if row["method"] == "GET" else 1 + row["operation"].startswith(_ENDS)


def _row(stage: Stage, ids: Ids, row: Row) -> dict[str, str]:
    found: dict[str, str] = {}
    for role in COLUMNS:
        # Who is refused takes nothing away.
        own = ids if row[role] in _REFUSED.values() else fresh(stage, row["operation"], ids)
        answer, cell = cell_of(stage.people[role].line, row, own, role)
        stage.must(cell == row[role], f"{row['operation']} by {role}: {cell} instead of {row[role]} ({_said(answer)})")
        found[role] = cell
        if answer.is_ok:
            found["done"] = "done"
        if row["operation"] in ON_THE_CALLER:
            stage.people[role].sign_in_again()
    return found


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.code or answer.text[:60]}"


def cell_of(line: Line, row: Row, own: Ids, role: str) -> tuple[Answer, str]:
    """Ask once, and return the answer with its class; `leak of …` and `defect` are in no table."""
    asked = request(row, own)
    answer = asked.send(line)
    if answer.status in _REFUSED:
        return answer, _REFUSED[answer.status]
    if answer.status >= 500 or answer.status in _BUSY:
        return answer, "defect"
    may_be_hidden = _is_nothing(answer, row) and asked.named(own) and _knows_all(row, own)
    if may_be_hidden and _same(answer, request(row, absent(own)).send(line)):
        return answer, "hidden"
    if answer.status == 404:
        return answer, "404"
    is_strange = role in STRANGERS and answer.is_ok and row["operation"] not in _PUBLISHED
    leaks = found_in(answer.text, own) - asked.named(own) - _SHARED if is_strange else ()
    return answer, f"leak of {', '.join(sorted(leaks))}" if leaks else "yes"


def _is_nothing(answer: Answer, row: Row) -> bool:
    """Tell whether an answer says that there is nothing, or lists nothing of whoever was named."""
    is_empty = row["operation"] in OF_A_MEMBER and answer.body.get("results") == []
    return answer.status == 404 or is_empty or answer.body.get("reason") == "vouchers.not_found"


def _knows_all(row: Row, ids: Ids) -> bool:
    return {name for _, name, _, _ in Formatter().parse(row["path"]) if name} <= ids.keys()


def _same(one: Answer, other: Answer) -> bool:
    """Tell whether two answers cannot be told apart but by their request ids."""
    texts = [(answer.status, {**answer.body, "request_id": ""}) for answer in (one, other)]
    return texts[0] == texts[1]
