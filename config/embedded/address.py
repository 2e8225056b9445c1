"""Where the embedded services of one DULY_HOME can be reached.

The services write ``address.json`` when they start; settings read it when
DATABASE_URL and REDIS_URL are unset. Standard library only: settings import it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

# Connecting to it fails with "connection refused", which manage.py turns into the
# sentence that tells how to start the services.
NOWHERE_DATABASE = "postgresql://duly@127.0.0.1:1/duly"
NOWHERE_REDIS = "redis://127.0.0.1:1/0"
# The file in which a running demonstration notes its own address.
PUBLIC_URL = "public_url"


@dataclass(frozen=True, slots=True)
class Address:
    """Connection URLs and the secret keys of one DULY_HOME."""

    database_url: str = NOWHERE_DATABASE
    redis_url: str = NOWHERE_REDIS
    secret_key: str = ""
    field_keys: str = ""
    ledger_key: str = ""
    # Where a demonstration that runs here serves its pages.
    public_url: str = ""

    @classmethod
    def read(cls, home: Path) -> Address:
        """Return what the services of ``home`` wrote; what is missing is nowhere."""
        urls: dict[str, str] = {}
        with suppress(OSError, ValueError):
            urls = json.loads((home / "address.json").read_text(encoding="utf-8"))
        return cls(
            database_url=urls.get("database_url", NOWHERE_DATABASE),
            redis_url=urls.get("redis_url", NOWHERE_REDIS),
            secret_key=_secret(home, "secret_key"),
            field_keys=_secret(home, "field_keys"),
            ledger_key=_secret(home, "ledger_key"),
            public_url=_secret(home, PUBLIC_URL),
        )

    def write(self, home: Path) -> None:
        """Note the URLs for other processes of the same DULY_HOME (mode 0600)."""
        urls = asdict(self)
        urls.pop("secret_key")
        urls.pop("field_keys")
        urls.pop("ledger_key")
        urls.pop("public_url")
        path = home / "address.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(urls), encoding="utf-8")


def _secret(home: Path, name: str) -> str:
    with suppress(OSError):
        return (home / name).read_text(encoding="utf-8").strip()
    return ""
