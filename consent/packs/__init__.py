"""The rules of law that come with Duly, one TOML file a place, and how they are read.

Engineering input, not legal advice: no rule here was confirmed by counsel. A firm's own
packs stand in the database (consent.models.RulePack), begun from these.
"""
