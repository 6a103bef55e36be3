#!/usr/bin/env python3
"""Fails when a relative link of a Markdown file leads nowhere: file, folder or #heading.

Usage: check_links.py [ROOT]
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

from cpp_source import ROOT, report

SKIPPED_FOLDERS = {".git", "build", "node_modules", "piperoll-data"}
LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\[[^\]\n]+\]:\s+(\S+)", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def markdown_files(root):
    return sorted(
        path
        for path in Path(root).rglob("*.md")
        if SKIPPED_FOLDERS.isdisjoint(path.relative_to(root).parts)
    )


def anchors(text):
    """The anchors of a text's headings, as forges derive them."""
    found, seen = set(), {}
    for title in HEADING.findall(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def check_link(root, path, target):
    """What is wrong with one link, or None."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None  # another site: not ours to check
    name, _, anchor = unquote(target).partition("#")
    base = root if name.startswith("/") else path.parent
    goal = (base / name.lstrip("/")).resolve() if name else path
    if not goal.is_relative_to(root):
        return "leads out of the repository"
    if not goal.exists():
        return "does not exist"
    if anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
        return f"has no heading #{anchor}"
    return None


def check(root):
    root = Path(root).resolve()
    faults, links = [], 0
    for path in markdown_files(root):
        text = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), path.read_text(encoding="utf-8"))
        for match in [*LINK.finditer(text), *REFERENCE.finditer(text)]:
            links += 1
            wrong = check_link(root, path, match[1])
            if wrong:
                line = text.count("\n", 0, match.start()) + 1
                faults.append(f"{path.relative_to(root)}:{line}: {match[1]} {wrong}")
    return faults, links


def main(arguments):
    faults, links = check(Path(arguments[0]) if arguments else ROOT)
    return report(faults, f"links: {links} lead somewhere or to other sites")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
