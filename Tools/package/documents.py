#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies what is to be read with an installed martlet: LICENSE, README, CHANGELOG, SECURITY, CONTRIBUTING and docs/.

    python3 documents.py CLONE FOLDER

A link to a file that is not copied (sources, deploy/) becomes its text: where the pages are installed it would lead nowhere.
"""

import re
import shutil
import sys
from pathlib import Path

PAGES = ("LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md")
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    clone, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    files = [Path(page) for page in PAGES]
    files += sorted(path.relative_to(clone) for path in (clone / "docs").rglob("*") if path.is_file())
    copied = {clone / file for file in files}

    def link(match: re.Match, page: Path) -> str:
        text, target = match.groups()
        place = target.partition("#")[0]
        if not place or re.match(r"[a-z]+:", place):
            return match.group()
        return match.group() if (page.parent / place).resolve() in copied else text

    for file in files:
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            page = clone / file
            text = LINK.sub(lambda match: link(match, page), page.read_text(encoding="utf-8"))
            target.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(clone / file, target)
        target.chmod(0o644)
    return 0


if __name__ == "__main__":
    sys.exit(main())
