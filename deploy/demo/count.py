#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts votes whose proofs hold: files of public inputs (root, nullifier, topic, message) of `martlet example membership`.

    python3 count.py PUBLIC.json …

A vote counts once for each nullifier, and only for the members and the topic of the first one.
"""

import json
import sys
from pathlib import Path


def text(number: str) -> str:
    value = int(number)
    return value.to_bytes((value.bit_length() + 7) // 8, "big").decode()


def main() -> int:
    seen, counts, asked = set(), {}, None
    for number, path in enumerate(sys.argv[1:], 1):
        root, nullifier, topic, message = json.loads(Path(path).read_text())
        asked = asked or (root, topic)
        if (root, topic) != asked:
            print(f"vote {number}: of another group, or on another topic")
        elif nullifier in seen:
            print(f"vote {number}: this member has voted (nullifier {nullifier[:12]}…): not counted")
        else:
            seen.add(nullifier)
            counts[text(message)] = counts.get(text(message), 0) + 1
    for answer, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{answer:<7} {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) > 1 else 2)
