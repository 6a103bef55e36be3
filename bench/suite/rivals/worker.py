"""Engines without a server run in a process of their own, so that their time and memory are theirs.

The parent sends (name, arguments) and gets (True, result) or (False, text), pickled, over the
child's standard input and output. Times are taken in the child: no pipe is in them.

usage: worker.py MODULE FOLDER, where MODULE of this package has `open_engine(folder)`
"""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

SUITE = Path(__file__).resolve().parent.parent


class Worker:
    """The parent's end. REQUIRES: `module` names a module of rivals."""

    def __init__(self, command: list[str], log: Path):
        with log.open("ab") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, cwd=log.parent)

    @property
    def pid(self) -> int:
        return self.process.pid

    def call(self, name: str, *arguments: object) -> object:
        self.send(name, *arguments)
        return self.receive()

    def send(self, name: str, *arguments: object) -> None:
        pickle.dump((name, arguments), self.process.stdin)
        self.process.stdin.flush()

    def receive(self) -> object:
        try:
            good, result = pickle.load(self.process.stdout)
        except EOFError:
            raise RuntimeError(f"the worker ended with {self.process.wait()}") from None
        if not good:
            raise RuntimeError(result)
        return result

    def stop(self, timeout_s: float = 60) -> None:
        """It ends with its input."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def command(module: str, folder: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve()), module, str(folder)]


def serve(module: str, folder: str) -> None:
    # What an engine prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path.insert(0, str(SUITE))
    engine = importlib.import_module(f"rivals.{module}").open_engine(Path(folder))
    while True:
        try:
            name, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        try:
            reply = (True, getattr(engine, name)(*arguments))
        except Exception:  # whatever it was, the parent tells it
            reply = (False, traceback.format_exc())
        pickle.dump(reply, answers)
        answers.flush()
    engine.close()


if __name__ == "__main__":
    serve(*sys.argv[1:])
