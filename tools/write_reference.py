#!/usr/bin/env python3
"""Writes docs/reference.md from what the binary itself says: commands, settings, metrics.

Usage: write_reference.py BINARY > docs/reference.md
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

HEAD = """# Reference

Written by `tools/write_reference.py build/dev/piperoll > docs/reference.md` from the binary; a test
compares the two. Addresses and bodies of the API: [openapi.yaml](api/openapi.yaml), served at
`/openapi.json`. Settings are explained where they belong: [identity.md](identity.md) for credentials.

"""


def help_of(binary, words):
    done = subprocess.run([binary, *words, "--help"], capture_output=True, text=True, check=True,
                          env={**os.environ, "COLUMNS": "100"})
    text = "\n".join(line.rstrip() for line in done.stdout.strip("\n").split("\n"))
    return text.replace(binary, "piperoll")


def subcommands(text):
    found = re.search(r"^Subcommands:\n((?:[ ]+\S.*\n?)+)", text, re.MULTILINE)
    return re.findall(r"^  (\S+)", found[1], re.MULTILINE) if found else []


def commands(binary, words=()):
    text = help_of(binary, words)
    yield " ".join(("piperoll", *words)), text
    for name in subcommands(text):
        yield from commands(binary, (*words, name))


def metrics(binary):
    """(name, kind, help) of every family that a fresh server shows."""
    with tempfile.TemporaryDirectory(prefix="piperoll-reference-") as folder:
        data = os.path.join(folder, "data")
        subprocess.run([binary, "org", "create", "--data", data, "--name", "demo"], check=True, capture_output=True)
        with subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"],
                              stderr=subprocess.PIPE, text=True) as server:
            try:
                address = next(re.search(r'http://[^"]+', line)[0] for line in server.stderr if '"serving"' in line)
                urllib.request.urlopen(address + "/healthz").close()
                with urllib.request.urlopen(address + "/metrics") as answer:
                    text = answer.read().decode()
            finally:
                server.send_signal(signal.SIGKILL)
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    kinds = dict(re.findall(r"^# TYPE (\S+) (.*)$", text, re.MULTILINE))
    return sorted((name, kinds[name], helps.get(name, "")) for name in kinds)


def reference(binary):
    out = [HEAD, "## Commands\n\nSettings are the options of `serve`; each is also a key of the TOML file, and\n"
                 "`PIPEROLL_…` in the environment. A flag beats the environment, that beats the file.\n\n"]
    for name, text in commands(binary):
        out.append(f"### `{name}`\n\n```\n{text}\n```\n\n")
    out.append("## Metrics\n\nAt `GET /metrics`, for Prometheus. Some appear when there is something to say.\n\n"
               "| name | kind | |\n| --- | --- | --- |\n")
    for name, kind, words in metrics(binary):
        out.append(f"| `{name}` | {kind} | {words} |\n")
    return "".join(out)


if __name__ == "__main__":
    sys.stdout.write(reference(sys.argv[1]))
