"""Which texts use which ready-made part, counted over what is written or sent now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db import connection

USED = r"""
SELECT DISTINCT part.found[1], version.key, version.channel
FROM notices_templateversion AS version,
     regexp_matches(version.body, '\{%-?\s*([a-z_]+)', 'g') AS part(found)
WHERE version.state <> 'retired'
ORDER BY 1, 2, 3
"""

Place = tuple[str, str]


def texts_by_part() -> Mapping[str, list[Place]]:
    """Return key and form of each text that is not retired, by the parts it uses in any
    language: one query."""
    found: dict[str, list[Place]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(USED)
        for name, key, form in cursor.fetchall():
            found[name].append((key, form))
    return found
