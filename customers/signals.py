"""The only Signal of the house: news of money, for speed.

Nobody may rely on it: every later step asks again whether an invoice is still owed.
"""

from __future__ import annotations

from django.dispatch import Signal

# Sent once after the commit that brought the money, with
# ``customer_ids: list[int]``: those who paid.
payment_received = Signal()
