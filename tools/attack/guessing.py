"""Passwords and voucher codes, guessed; and whoever must go on meanwhile."""

from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice

from tools.attack import vouchers
from tools.attack.catalogue import probe
from tools.attack.crowd import Ask, statuses, storm, together
from tools.attack.line import Answer, Line
from tools.attack.people import PASSWORD, Caller
from tools.attack.stage import Stage

# What came through in the attack that these limits answer. Ten are free for an account, a hundred for an address, then
# waits of 1, 2, 4 and 8 seconds: three more within fifteen seconds.
ACCOUNT_FREE, ACCOUNT_AT_MOST = 10, 13
ADDRESS_FREE, ADDRESS_AT_MOST = 100, 103
REST_SECONDS = 8.0
CODES, CODES_AT_MOST, CODES_FOR_CUSTOMER_AT_MOST = 60, 20, 5
CROWD = [f"127.0.1.{number}" for number in range(1, 41)]


def _guess(asks: Sequence[Ask], *, free: int) -> list[Answer]:
    """Guess; what is free takes as long as it takes, and the rest ends before a fourth of the waits is over."""
    return [*storm(asks[:free], seconds=60), *storm(asks[free:], seconds=REST_SECONDS)]


def _sign_in(line: Line, email: str, password: str) -> Answer:
    return line.post("auth/token", {"email": email, "password": password})


@probe
def passwords_of_one_account(stage: Stage) -> None:
    """Of 500 guesses at one account from many addresses 13 are looked at, and its owner goes on."""
    member = stage.member()
    home = Line(stage.url, address="127.0.2.1")
    stage.must(_sign_in(home, member.email, PASSWORD).is_ok, "the owner cannot sign in before")
    token, guesses = member.line.token, stage.either(short=200, long=500)
    lines = [Line(stage.url, address=address) for address in CROWD]
    asks = [partial(_sign_in, line, member.email, "a wrong one") for line in islice(cycle(lines), guesses)]
    answers = _guess(asks, free=ACCOUNT_FREE)
    looked_at = sum(one.status == 401 for one in answers)
    stage.must({one.status for one in answers} <= {401, 429}, statuses(answers))
    stage.must(looked_at <= ACCOUNT_AT_MOST, f"{looked_at} of {len(answers)} were looked at")
    stage.say(f"{looked_at} of {len(answers)} looked at (at most {ACCOUNT_AT_MOST})")
    _owner_goes_on(stage, member, home, token)


def _owner_goes_on(stage: Stage, member: Caller, home: Line, token: str) -> None:
    again = _sign_in(home, member.email, PASSWORD)
    stage.must(again.is_ok, f"the owner on a known device: {again.status}")
    change = {"current_password": PASSWORD, "new_password": "another long pass phrase"}
    changed = Line(stage.url, token).post("auth/password/change", change)
    stage.must(changed.is_ok, f"the owner, signed in, changes the password: {changed.status}")


@probe
def passwords_from_one_address(stage: Stage) -> None:
    """Of 1,200 guesses from one address at as many accounts 103 are looked at."""
    line, guesses = Line(stage.url, address="127.0.3.1"), stage.either(short=300, long=1_200)
    emails = [f"guessed-{number}-{stage.seed}@example.com" for number in range(guesses)]
    answers = _guess([partial(_sign_in, line, email, "a wrong one") for email in emails], free=ADDRESS_FREE)
    looked_at = sum(one.status == 401 for one in answers)
    stage.must(looked_at <= ADDRESS_AT_MOST, f"{looked_at} of {len(answers)} were looked at")
    elsewhere = _sign_in(Line(stage.url, address="127.0.3.2"), stage.people["member"].email, PASSWORD)
    stage.must(elsewhere.is_ok, f"somebody at another address: {elsewhere.status}")
    stage.say(f"{looked_at} of {len(answers)} looked at (at most {ADDRESS_AT_MOST})")


@probe
def voucher_codes_of_a_member(stage: Stage) -> None:
    """Of 60 codes that a member guesses 20 are looked at; the own voucher goes on."""
    member = stage.member()
    own = vouchers.claimed(stage, vouchers.open_campaign(stage, 5), member)
    _guess_codes(stage, member, at_most=CODES_AT_MOST)
    used = member.line.post("vouchers/redemptions", {"code": own, "order": vouchers.order(stage.people.merchant_id)})
    stage.must(used.is_ok, f"the own voucher: {used.status} {used.code}")


@probe
def voucher_codes_at_a_till(stage: Stage) -> None:
    """Of 60 bad codes at a till 20 are looked at, 5 for one customer; the next one's good voucher goes on."""
    campaign, customer = vouchers.open_campaign(stage, 5), stage.member()
    good = vouchers.claimed(stage, campaign, customer)
    till = stage.people["merchant_client"]
    _guess_codes(stage, till, at_most=CODES_AT_MOST)
    _guess_codes(stage, till, at_most=CODES_FOR_CUSTOMER_AT_MOST, member_id=stage.people["other_member"].id)
    bought = vouchers.order(stage.people.merchant_id)
    body = {"code": good, "member_id": customer.id, "order": bought}
    used = till.line.post("vouchers/redemptions", body)
    stage.must(used.is_ok, f"the next customer's voucher: {used.status} {used.code}")


def _guess_codes(stage: Stage, caller: Caller, *, at_most: int, **named: str) -> None:
    codes = ["".join(stage.random.choices("ACDEFGHJKLMNPQRTUVWXY3479", k=12)) for _ in range(CODES)]
    bodies = [{"code": code, **named, "order": vouchers.order(stage.people.merchant_id)} for code in codes]
    answers = together([partial(caller.line.post, "vouchers/redemptions", body) for body in bodies])
    looked_at = sum(one.status != 429 for one in answers)
    stage.must(looked_at <= at_most, f"{looked_at} of {len(answers)} codes were looked at: {statuses(answers)}")
    stage.say(f"{looked_at} of {len(answers)} looked at (at most {at_most})")
