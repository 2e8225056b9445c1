"""The way of a file into the ledger: read, checked, compared, taken as a whole.

``profile``, ``reader``, ``convert`` and ``fields`` need no Django; ``stage``,
``commit`` and what they call speak SQL.
"""
