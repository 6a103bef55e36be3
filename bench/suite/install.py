"""Installs rivals that are missing: Debian packages with apt-get, engines of npm into the cache."""

from __future__ import annotations

import os

import processes
from rivals.base import System
from setting import say

# No server of a package is to start: the suite starts its own.
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}


def everything(systems: list[System]) -> None:
    """What the systems need and the suite itself; nothing that is there is touched."""
    wanted = [] if processes.find("strace") else ["strace"]
    wanted += [] if processes.find("zstd") else ["zstd"]
    for system in systems:
        if system.missing():
            wanted += [name for name in system.packages if name not in wanted]
    if wanted:
        say(f"installing {', '.join(wanted)}")
        root = [] if os.geteuid() == 0 else ["sudo"]
        environment = ["env", *[f"{name}={value}" for name, value in QUIET.items()]]
        processes.run([*root, "apt-get", "-q", "update"], timeout_s=1800)
        processes.run([*root, *environment, "apt-get", "-q", "-y", "install", "--no-install-recommends",
                       *wanted], timeout_s=1800)
    for system in systems:
        if system.missing():
            system.download()
