"""How a child process is bound to its parent, and made to run without root's rights.

Both are prefixes to a command line, programs of util-linux that every Debian has, so
that no code of ours runs between fork and exec. Knows of no particular server.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from config.embedded.home import EmbeddedError


def dying_with_parent(stop_signal: signal.Signals) -> list[str]:
    """Return the prefix that has the kernel send ``stop_signal`` when we are gone.

    Empty where that is not to be had (no Linux): there a killed parent leaves its
    children, and the next start stops them.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    name = stop_signal.name.removeprefix("SIG")
    return [setpriv, "--pdeathsig", name, "--"]


def can_be_seen() -> bool:
    """Return whether ``processes_in`` works here (Linux)."""
    return Path("/proc/self/exe").exists()


def processes_in(folder: Path, program: str) -> list[int]:
    """Return the ids of processes of that program that work in ``folder``.

    Neither a dead one nobody has buried yet nor one about to end is among them.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            here = (entry / "cwd").samefile(folder)
            if here and (entry / "exe").readlink().name == program:
                found.append(int(entry.name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def unprivileged(data: Path) -> list[str]:
    """Return the prefix under which PostgreSQL, which refuses root, works on ``data``.

    For an ordinary user it is empty. For root the first way is a user namespace in
    which root goes by the name of nobody: files stay root's and no folder needs to be
    opened. Where namespaces are shut (most containers) it is nobody itself, with the
    one right to reach files that root's folders hide. Data that belongs to another
    user is worked on as that user.

    :raises EmbeddedError: we are root and neither way is open.
    """
    if os.geteuid() != 0:
        return []
    owner = data.stat().st_uid
    nobody = _nobody()
    ways = [_as_user(owner or nobody.pw_uid, nobody.pw_gid)]
    if owner == 0:
        ways.insert(0, _in_namespace(nobody.pw_uid, nobody.pw_gid))
    for way in ways:
        if _works(way):
            return way
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and this machine lets root neither open a "
        "user namespace (unshare) nor become another user (setpriv). Run the command "
        "as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _in_namespace(user: int, group: int) -> list[str]:
    names = [f"--map-user={user}", f"--map-group={group}"]
    return ["unshare", "--user", *names, "--"]


def _as_user(user: int, group: int) -> list[str]:
    # Without the securebit the kernel's access(2) would not count the right.
    rights = [
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",
    ]
    who = [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return ["setpriv", *who, *rights, "--"]


def _nobody() -> pwd.struct_passwd:
    # PostgreSQL looks its user up by number, so it must have a name.
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)


def _works(way: list[str]) -> bool:
    try:
        return (
            subprocess.run([*way, "true"], check=False, capture_output=True).returncode
            == 0
        )
    except OSError:
        return False
