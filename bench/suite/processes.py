"""Child processes on loopback in a temporary folder: started here, ended here by their pid."""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
_running: list[Child] = []


class StartError(RuntimeError):
    """A program did not start; the text says what it said."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end_with_parent() -> None:
    """Runs in the child: when we die without a word, it gets SIGTERM."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One program. stop() asks with `stop_signal`, waits, then insists; both by its pid."""

    def __init__(self, command: list[str], log: Path, *, user: str | None = None,
                 stop_signal: int = signal.SIGTERM, environment: dict[str, str] | None = None):
        self.command, self.log, self.stop_signal = command, log, stop_signal
        identity = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent,
                env={**os.environ, **(environment or {})}, preexec_fn=_end_with_parent,
                start_new_session=True, **identity)
        _running.append(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        if self.alive():
            self.process.kill()
        self.process.wait(timeout=60)
        self._forget()

    def stop(self, timeout_s: float = 60) -> None:
        if self.alive():
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout_s)
        self._forget()

    def _forget(self) -> None:
        if self in _running:
            _running.remove(self)

    def wait_until(self, ready: Callable[[], bool], timeout_s: float = 60) -> None:
        """Until `ready`; StartError with the end of the log when it ends or takes too long."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not self.alive():
                break
            if ready():
                return
            time.sleep(0.02)
        self.stop()
        said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        raise StartError(f"{self.command[0]} did not start: {said.strip() or 'it said nothing'}")


def user_group(user: str) -> int:
    import pwd
    return pwd.getpwnam(user).pw_gid


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def run(command: list[str], *, user: str | None = None, timeout_s: float = 600,
        environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """Standard output; RuntimeError with what it said when it fails."""
    identity = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False,
                          stdin=subprocess.DEVNULL, cwd=folder,
                          env={**os.environ, **(environment or {})}, **identity)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise RuntimeError(f"{' '.join(command[:3])}: exit code {done.returncode}: {said}")
    return done.stdout


def find(name: str, *folders: str) -> str | None:
    """A program of one of the folders, else of PATH."""
    for folder in folders:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return shutil.which(name)


class WorkFolder:
    """A temporary folder that others may walk through (rivals run as users of their own)."""

    def __init__(self, parent: str | None):
        self.path = Path(tempfile.mkdtemp(prefix="piperoll-suite-", dir=parent))
        self.path.chmod(0o755)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        stop_all()
        shutil.rmtree(self.path, ignore_errors=True)


def stop_all() -> None:
    for child in list(_running):
        child.stop(timeout_s=20)


atexit.register(stop_all)
