from datetime import UTC, datetime
from uuid import UUID

import pytest

from points.messages.outgoing import vouchers as outgoing
from points.vouchers import jobs, queries
from points.vouchers.models import Voucher, VoucherCampaign
from points.vouchers.rules import Redemption
from shared.contracts import points as contracts
from shared.contracts import vouchers
from shared.jobs import runner
from shared.messaging.models import InboxMessage, PublishedMessage
from shared.testing.messages import deliver, envelope_of, example, published
from tests.voucher_factories import AT, OPERATOR, make_campaign

VOUCHER = UUID("019a0000-0000-7000-8000-0000000000b1")
CAMPAIGN = UUID("019a0000-0000-7000-8000-0000000000c1")
MEMBER = UUID("00000000-0000-7000-8000-000000000001")
REDEMPTION = Redemption(
    id=UUID("019a0000-0000-7000-8000-0000000000d1"),
    voucher_id=VOUCHER,
    campaign_id=CAMPAIGN,
    member_id=MEMBER,
    order_id="order-1003",
    order_total=1999,
    discount=500,
    currency="EUR",
    status="redeemed",
    redeemed_by=MEMBER,
    merchant_id=None,
    redeemed_at=datetime(2026, 3, 3, 17, 45, 12, tzinfo=UTC),
)


def test_voucher_campaign_changed_is_as_agreed() -> None:
    campaign = VoucherCampaign(id=CAMPAIGN, name="5 EUR off", kind="amount", status="active", changed_at=AT)

    said = outgoing.voucher_campaign_changed(campaign)

    assert said.payload() == example(vouchers.VoucherCampaignChanged)


def test_voucher_issued_is_as_agreed() -> None:
    issued_at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    voucher = Voucher(id=VOUCHER, campaign_id=CAMPAIGN, member_id=MEMBER, price_points=300, issued_at=issued_at)

    assert outgoing.voucher_issued(voucher).payload() == example(vouchers.VoucherIssued)


def test_voucher_redeemed_is_as_agreed() -> None:
    assert outgoing.voucher_redeemed(REDEMPTION).payload() == example(vouchers.VoucherRedeemed)


def test_voucher_released_is_as_agreed() -> None:
    released_at = datetime(2026, 3, 4, 8, tzinfo=UTC)

    assert outgoing.voucher_released(REDEMPTION, at=released_at).payload() == example(vouchers.VoucherReleased)


def test_voucher_cancelled_is_as_agreed() -> None:
    cancelled_at = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    voucher = Voucher(id=VOUCHER, campaign_id=CAMPAIGN, member_id=MEMBER, price_points=300, cancelled_at=cancelled_at)

    assert outgoing.voucher_cancelled(voucher).payload() == example(vouchers.VoucherCancelled)


def test_generate_codes_is_as_agreed() -> None:
    said = contracts.GenerateCodes(job_id=UUID("019a0000-0000-7000-8000-0000000000e1"), chunk=0)

    assert said.payload() == example(contracts.GenerateCodes)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, db: None) -> UUID:
    monkeypatch.setattr(jobs, "CHUNK", 10)
    campaign = make_campaign(status="draft")
    return jobs.start_code_job(campaign.id, count=25, pattern="####-####-####", requested_by=OPERATOR, at=AT).id


def test_the_same_message_makes_its_chunk_once(job: UUID) -> None:
    envelope = envelope_of(contracts.GenerateCodes(job_id=job, chunk=0))

    for _ in range(3):
        assert deliver(envelope, envelope).done

    assert (queries.code_job(job).done, Voucher.objects.count()) == (10, 10)
    assert InboxMessage.objects.count() == 1


def test_a_chunk_enqueued_by_two_messages_is_made_once(job: UUID) -> None:
    for _ in range(2):
        assert deliver(contracts.GenerateCodes(job_id=job, chunk=0)).done

    assert (queries.code_job(job).done, Voucher.objects.count()) == (10, 10)
    assert [said.chunk for said in published(contracts.GenerateCodes)] == [0, 1]


def test_a_worker_killed_in_a_chunk_leaves_no_trace_and_the_message_comes_again(
    job: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise MemoryError

    message = envelope_of(contracts.GenerateCodes(job_id=job, chunk=0))
    with monkeypatch.context() as patch:
        patch.setattr(runner, "enqueue_next", killed)
        assert deliver(message).failed
    assert (queries.code_job(job).done, Voucher.objects.count(), InboxMessage.objects.count()) == (0, 0, 0)

    assert deliver(message).done
    assert (queries.code_job(job).done, Voucher.objects.count()) == (10, 10)


def test_messages_alone_bring_a_job_to_its_end(job: UUID) -> None:
    seen: set[UUID] = set()
    while fresh := [
        row for row in PublishedMessage.objects.filter(name="generate_codes") if row.message_id not in seen
    ]:
        for row in fresh:
            seen.add(row.message_id)
            message = contracts.GenerateCodes.read(row.payload)
            assert deliver(envelope_of(message, message_id=row.message_id)).done

    assert (queries.code_job(job).state, Voucher.objects.count(), len(seen)) == ("done", 25, 3)


def test_the_example_of_a_job_that_is_not_here_has_no_effect(db: None) -> None:
    receipt = deliver(contracts.GenerateCodes.read(example(contracts.GenerateCodes)))

    assert len(receipt.done) == 1
    assert not Voucher.objects.exists()
