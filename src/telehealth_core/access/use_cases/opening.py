"""Opening an account, for whoever opens one: once for each id, once for each address."""

from telehealth_core.access.account import Account, EmailTaken
from telehealth_core.access.ports import AccessWork, Passwords
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.refusal import IdReused


def opened_before(
    passwords: Passwords, existing: Account | None, email: str | None, password: str
) -> Account | None:
    """The account that an earlier, identical request opened under this id; None if the id is new.

    Without `email` the request named none.

    Raises: IdReused if the id is another account's.
    """
    if existing is None:
        return None
    same = email is None or existing.email == email.strip().lower()
    if not same or not passwords.verify(existing.password_hash, password):
        raise IdReused("account", existing.id)
    return existing


def save_new_account(work: AccessWork, account: Account, *, by: UserId) -> None:
    """Save an account whose address nobody else in the practice has.

    Raises: EmailTaken.
    """
    if work.accounts.by_email(account.email) is not None:
        raise EmailTaken
    work.accounts.save(account, account.opened(by=by))
