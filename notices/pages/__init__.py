"""The customer's own pages, without a log-in: what every one of them shares.

They wear the firm's face (Brand), which is why they live here; what may be changed on
them, and how, is the business of ``consent`` and ``customers``. No cookie, no script,
nobody else's server; nothing changes on GET or HEAD.
"""
