"""What belongs to a file beside its bytes: owner, group, permissions, extended attributes, ACLs."""

from __future__ import annotations

import contextlib
import os
import stat

#: Attributes that the system sets by rules of its own.
_SYSTEMS_OWN = ("security.", "trusted.")


def dress(path: str, like: str, status: os.stat_result) -> bool:
    """Give a file what belongs to another; whether it now has all of it.

    like    the other file
    status  what :func:`os.stat` says of it
    """
    whole = not hasattr(os, "chown") or _owned(path, status)
    if hasattr(os, "listxattr"):
        whole &= _attributed(path, like)
    os.chmod(path, stat.S_IMODE(status.st_mode))  # noqa: PTH101 - a plain name
    return whole


def _owned(path: str, status: os.stat_result) -> bool:
    for owner in (status.st_uid, -1):  # who may not give a file away may still give its group
        with contextlib.suppress(OSError):
            os.chown(path, owner, status.st_gid)
            break
    now = os.stat(path)  # noqa: PTH116
    return (now.st_uid, now.st_gid) == (status.st_uid, status.st_gid)


def _attributed(path: str, like: str) -> bool:
    """Extended attributes; ACLs are some of them."""
    try:
        wanted = {name: os.getxattr(like, name) for name in os.listxattr(like)}
        present = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    except OSError:
        return True  # a file system without
    for name in present.keys() - wanted.keys():  # of the folder's default ACL
        with contextlib.suppress(OSError):
            os.removexattr(path, name)
    whole = True
    for name, value in wanted.items():
        if present.get(name) != value:
            try:
                os.setxattr(path, name, value)
            except OSError:
                whole &= name.startswith(_SYSTEMS_OWN)
    return whole
