"""Orders that somebody else claims."""

from functools import partial
from uuid import uuid4

from tools.attack.catalogue import probe
from tools.attack.crowd import statuses, storm, together
from tools.attack.races import payment
from tools.attack.stage import Stage


@probe
def squatted_orders(stage: Stage) -> None:
    """Unpaid intents of a stranger hold nobody's order, its merchant cancels them, and an order is paid once."""
    squatter, shop = stage.people["other_member"], stage.people.merchant_id
    orders = [str(uuid4()) for _ in range(stage.either(short=30, long=300))]
    claims = storm([partial(squatter.line.post, "payments/intents", payment(shop, 1, one)) for one in orders])
    member = stage.member(money=100 * len(orders))
    bodies = [payment(shop, 100, one, confirm=True) for one in orders]
    paid = storm([partial(member.line.post, "payments/intents", body) for body in bodies], seconds=60)
    stage.must({one.status for one in paid} == {201}, f"paying squatted orders: {statuses(paid)}")
    stage.must(stage.cents_of(member) == 0, f"{stage.cents_of(member)} cents are left")
    client = stage.people["merchant_client"].line
    ids = [one.body["id"] for one in claims if one.is_ok][:10]
    canceled = [client.post(f"payments/intents/{one}/cancel") for one in ids]
    stage.must({one.status for one in canceled} <= {200}, f"the merchant cancels: {statuses(canceled)}")
    stage.say(f"{len(claims)} squatted, {sum(one.is_ok for one in paid)} paid, {len(ids)} canceled")


@probe
def one_order_paid_twice(stage: Stage) -> None:
    """Of several who pay one order at the same instant one pays; from the others nothing is taken."""
    for _ in range(stage.either(short=3, long=15)):
        members = [stage.member(money=500) for _ in range(4)]
        body = payment(stage.people.merchant_id, 500, str(uuid4()), confirm=True)
        answers = together([partial(member.line.post, "payments/intents", body) for member in members])
        taken = sum(500 - stage.cents_of(member) for member in members)
        others = {one.status for one in answers if not one.is_ok}
        stage.must((sum(one.is_ok for one in answers), taken) == (1, 500), f"{statuses(answers)}, {taken} cents taken")
        stage.must(others <= {409}, f"the others: {statuses(answers)}")
    stage.say(f"4 at once: {statuses(answers)}")
