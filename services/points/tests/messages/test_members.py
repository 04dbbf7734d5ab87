"""What auth says of members, in whatever order it comes."""

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from points.members.models import KnownMember, MerchantStaff
from points.members.queries import check_known, staff_among
from shared.contracts.auth import MerchantStaffChanged, UserDeactivated, UserRegistered
from shared.contracts.base import Contract
from shared.errors import MemberDeactivated, MemberUnknown
from shared.ids import new_id
from shared.testing.messages import deliver, envelope_of, example

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 2, 1, tzinfo=UTC)
LATER = datetime(2026, 2, 2, tzinfo=UTC)
WHO = new_id()
REGISTERED = UserRegistered(user_id=WHO, roles=["member"], merchant_id=None, registered_at=THEN)
DEACTIVATED = UserDeactivated(user_id=WHO, deactivated_at=LATER)


def test_nobody_is_known_who_did_not_register() -> None:
    with pytest.raises(MemberUnknown) as refusal:
        check_known(WHO)
    assert refusal.value.members == {"member_id": str(WHO)}


def test_who_registered_is_known() -> None:
    deliver(REGISTERED)

    check_known(WHO)
    assert KnownMember.objects.values_list().get() == (WHO, THEN, None)


@pytest.mark.parametrize("order", list(permutations([REGISTERED, DEACTIVATED, REGISTERED])))
@pytest.mark.parametrize("together", [True, False])
def test_who_was_deactivated_stays_so_in_whatever_order_it_is_said(order: tuple[Contract, ...], together: bool) -> None:
    envelopes = [envelope_of(message) for message in order]
    for pack in [envelopes] if together else [[one] for one in envelopes]:
        assert deliver(*pack).failed == {}

    assert KnownMember.objects.values_list().get() == (WHO, THEN, LATER)
    with pytest.raises(MemberDeactivated):
        check_known(WHO)


def test_a_deactivation_that_comes_alone_is_kept() -> None:
    deliver(DEACTIVATED)

    with pytest.raises(MemberDeactivated):
        check_known(WHO)


def test_a_message_twice_has_its_effect_once() -> None:
    envelope = envelope_of(REGISTERED)

    assert [deliver(envelope).done, deliver(envelope).done] == [[envelope.id]] * 2
    assert KnownMember.objects.count() == 1


def staff(merchant_id: UUID | None, version: int) -> MerchantStaffChanged:
    return MerchantStaffChanged(user_id=WHO, merchant_id=merchant_id, version=version, changed_at=LATER)


SHOP = new_id()


@pytest.mark.parametrize("order", list(permutations([staff(new_id(), 1), staff(None, 2), staff(SHOP, 3)])))
@pytest.mark.parametrize("together", [True, False])
def test_of_whom_somebody_works_for_the_newest_word_counts(order: tuple[Contract, ...], together: bool) -> None:
    envelopes = [envelope_of(message) for message in order]
    for pack in [envelopes] if together else [[one] for one in envelopes]:
        assert deliver(*pack).failed == {}

    assert MerchantStaff.objects.values_list().get() == (WHO, SHOP, 3)
    assert staff_among({(WHO, SHOP), (WHO, new_id()), (new_id(), SHOP)}) == {(WHO, SHOP)}


def test_the_stored_example_of_staff_is_known() -> None:
    said = MerchantStaffChanged.read(example(MerchantStaffChanged))

    deliver(said)

    assert said.merchant_id
    assert staff_among({(said.user_id, said.merchant_id)}) == {(said.user_id, said.merchant_id)}
