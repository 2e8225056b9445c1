"""What comes in: providers' words about messages, and what customers write back.

A call is verified, stored as it came and answered at once (``hooks``, ``verify``,
``calls``). A worker reads it later (``work``, ``parse``), finds out what it means by
tables (``meaning``) and acts: moves the notice (``news``), stops an address, keeps a
reply (``replies``). Calls may come twice, in any order, and before our own commit.
"""
