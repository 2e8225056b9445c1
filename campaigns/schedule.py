"""The day of a step: counted from the due date, moved to a bank day (rule R1).

Pure. The calendars themselves stand in customers.calendars, since dispatch and the
dates printed in letters keep them too.
"""

from __future__ import annotations

from datetime import date

from customers.calendars import (
    BankDays,
    bank_day_on_or_after,
    bank_day_on_or_before,
    later,
)


def step_day(due_on: date, offset_days: int, is_bank_day: BankDays) -> date:
    """Return the bank day of a step ``offset_days`` from the due date (rule R1).

    A step before the due date moves back to a bank day, so that it still comes
    in time; every other step moves forward, so that it never comes early.
    """
    day = later(due_on, offset_days)
    if offset_days < 0:
        return bank_day_on_or_before(day, is_bank_day)
    return bank_day_on_or_after(day, is_bank_day)
