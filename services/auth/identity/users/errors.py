"""Every refusal of the module users."""

from http import HTTPStatus

from shared.errors import DomainError


class EmailTaken(DomainError):
    """Somebody has an account with this address already; who asks about many is slowed down."""

    code = "users.email_taken"
    title = "This e-mail address has an account"


class WeakPassword(DomainError):
    """The password is too short, too common, soon guessed, or too like the address or name; `errors` lists why."""

    code = "users.password_weak"
    title = "The password is too weak"
    status = HTTPStatus.BAD_REQUEST


class WrongPassword(DomainError):
    """The present password, asked for once more, is not this one."""

    code = "users.password_wrong"
    title = "The present password is wrong"
    status = HTTPStatus.FORBIDDEN


class LastAdmin(DomainError):
    """Nobody would be left who can run the system."""

    code = "users.last_admin"
    title = "The last admin must stay"


class RoleMerchantMismatch(DomainError):
    """The role merchant needs a `merchant_id`; no other role takes one."""

    code = "users.role_merchant_mismatch"
    title = "The role merchant, and only it, takes a merchant_id"
    status = HTTPStatus.BAD_REQUEST


class MerchantUnknown(DomainError):
    """There is no such merchant, or it was made only just now: the word of it takes a moment, so try again soon."""

    code = "users.merchant_unknown"
    title = "No such merchant is known here"
    retryable = True


class MerchantDiffers(DomainError):
    """The user works for another merchant; that role is taken away first."""

    code = "users.merchant_differs"
    title = "The user belongs to another merchant"


class UserInactive(DomainError):
    """A deactivated user takes no roles."""

    code = "users.inactive"
    title = "The user is deactivated"
