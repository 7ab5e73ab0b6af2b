#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that what the documents point at is there: links to files and headings, and paths of this repository in code spans.

    Tools/check-docs.py

Reads README.md and its sisters, docs/ and the README files below. A path counts as one when it begins with a folder of the repository; `*`
stands for anything, and words in capitals (Tests/Vectors/fuzz/TARGET) for a name. Exit code 1 where something is missing.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("Benchmarks", "Examples", "Kernels", "Sources", "Tests", "Tools", "deploy", "docs")


def prose(text: str) -> str:
    """The text without blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    """The headings' names as links have them."""
    headings = re.findall(r"^#+ (.*)$", prose(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}


def missing_links(file: Path, text: str) -> list[str]:
    wrong = []
    for target in re.findall(r"(?<!`)\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        if not there.exists():
            wrong.append(f"{target}: there is no such file")
        elif anchor and there.suffix == ".md" and anchor not in anchors(there.read_text(encoding="utf-8")):
            wrong.append(f"{target}: there is no such heading")
    return wrong


def missing_paths(text: str, tracked: list[str]) -> list[str]:
    wrong = []
    for span in re.findall(r"`([^`\n]+)`", prose(text)):
        if not re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w.+*{{}},/-]+", span):
            continue
        if re.search(r"(^|/)[A-Z_]{4,}(/|$)", span) and not span.endswith("README.md"):
            continue
        # a{b,c}d stands for abd and acd.
        spans = [span]
        while any("{" in s for s in spans):
            spans = [
                m.group(1) + part + m.group(3) for s in spans
                if (m := re.match(r"(.*?)\{([^}]*)\}(.*)", s)) for part in m.group(2).split(",")
            ]
        for one in spans:
            pattern = re.compile(re.escape(one.rstrip("/")).replace(r"\*", "[^/]*") + r"(/.*)?$")
            if not any(pattern.match(path) for path in tracked):
                wrong.append(f"`{one}`: there is no such file")
    return wrong


def main() -> int:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    tracked = [path for path in listed.stdout.splitlines() if (ROOT / path).exists()]
    documents = [ROOT / path for path in tracked if path.endswith(".md") and not path.startswith("Tests/Vectors/")]
    wrong = 0
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for complaint in missing_links(document, text) + missing_paths(text, tracked):
            print(f"{document.relative_to(ROOT)}: {complaint}")
            wrong += 1
    print(f"docs: {len(documents)} documents, " + (f"{wrong} things that are not there" if wrong else "all they point at is there"))
    return 1 if wrong or not documents else 0


if __name__ == "__main__":
    sys.exit(main())
