"""Letters set by replaying the layout of the first of their shape.

WeasyPrint stays the layout engine: what is not proven to come out alike goes the full
way (:mod:`notices.render.run`), whose interface :mod:`notices.replay.run` keeps.
"""
