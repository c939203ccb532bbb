"""Calendar periods: what "six months beginning with" a day means."""

from calendar import monthrange
from datetime import date, timedelta


def last_day(first: date, months: int) -> date:
    """The last day of a period of so many calendar months that begins with `first`.

    It is the day before the corresponding day, or the month's last where the month is too short:
    six months beginning with 1 January end with 30 June, with 31 August at the end of February.
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if first.day == 1:
        return date(year, month + 1, 1) - timedelta(days=1)
    return date(year, month + 1, min(first.day - 1, monthrange(year, month + 1)[1]))
