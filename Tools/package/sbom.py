#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists what a built martlet has in it: an SBOM (SPDX 2.3, JSON) and the notices of third parties.

    python3 sbom.py --resolved Package.resolved --checkouts .build/checkouts --version 0.1.0 \\
        --swift-version 6.3.1 --swift-license FILE --sbom OUT.spdx.json --notices OUT.txt [--created 2026-11-29T00:00:00Z]

Every pin of Package.resolved is listed; plugins that only build documentation are said to be build tools, and have no notice. Licences
are read from each checkout's licence file. A package without one, or with one that is not known here, ends this with exit code 1: a
person has to look at it.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

# Used while building only; nothing of them is in the program.
BUILD_TOOLS = {"swift-docc-plugin", "swift-docc-symbolkit"}

# Code of others inside of packages, with its licence: (package, name, source, licence, licence file within the checkout if there is one).
BUNDLED = [
    ("swift-crypto", "BoringSSL", "https://boringssl.googlesource.com/boringssl", "Apache-2.0", None),
    ("swift-nio-ssl", "BoringSSL", "https://boringssl.googlesource.com/boringssl", "Apache-2.0", None),
    ("swift-nio", "llhttp", "https://github.com/nodejs/llhttp", "MIT", "Sources/CNIOLLHTTP/LICENSE"),
]


class Licences:
    """Licence texts with those that are under them: most share one text, which is printed once however it is wrapped."""

    def __init__(self) -> None:
        self.texts: dict[str, tuple[str, list[str]]] = {}

    def add(self, text: str, owner: str) -> None:
        self.texts.setdefault(" ".join(text.split()), (text, []))[1].append(owner)

    def owners(self) -> list[tuple[str, list[str]]]:
        return list(self.texts.values())


class Unknown(Exception):
    """Something that a person has to look at."""


def licence_of(text: str) -> str:
    words = " ".join(text.split())
    if "Apache License" in words and "Version 2.0, January 2004" in words:
        return "Apache-2.0 WITH Swift-exception" if "Runtime Library Exception" in words else "Apache-2.0"
    if "Permission is hereby granted, free of charge, to any person obtaining a copy" in words:
        return "MIT"
    raise Unknown("its licence is not one that is known here")


def checkout(folder: Path, location: str) -> Path:
    """SwiftPM names checkouts by the last part of their address."""
    path = folder / re.sub(r"\.git$", "", location.rstrip("/").rsplit("/", 1)[-1])
    if not path.is_dir():
        raise Unknown(f"there is no checkout {path}")
    return path


def texts(path: Path) -> tuple[str, str]:
    """The licence of a checkout, and its notice or nothing."""
    licences = sorted(path.glob("LICENSE*"))
    if not licences:
        raise Unknown(f"{path} has no licence file")
    notices = sorted(path.glob("NOTICE*"))
    return licences[0].read_text(encoding="utf-8"), "\n".join(n.read_text(encoding="utf-8") for n in notices)


def spdx_id(name: str) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(name: str, version: str, location: str, licence: str, purl: str | None = None) -> dict:
    entry = {
        "name": name, "SPDXID": spdx_id(name), "versionInfo": version, "downloadLocation": location,
        "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
    }
    if purl:
        entry["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
    return entry


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("resolved", "checkouts", "swift-license", "sbom", "notices"):
        options.add_argument(f"--{name}", type=Path, required=True)
    for name in ("version", "swift-version"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--created", default="1970-01-01T00:00:00Z")
    given = options.parse_args()

    pins = json.loads(given.resolved.read_text())["pins"]
    packages = [package("martlet", given.version, "NOASSERTION", "Apache-2.0")]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-martlet")]
    licences = Licences()
    notices: list[tuple[str, str]] = []
    for pin in sorted(pins, key=lambda pin: pin["identity"]):
        name, state, location = pin["identity"], pin["state"], pin["location"]
        try:
            path = checkout(given.checkouts, location)
            licence_text, notice = texts(path)
            licence = licence_of(licence_text)
        except Unknown as reason:
            print(f"sbom: {name}: {reason}", file=sys.stderr)
            return 1
        version = state.get("version") or state["revision"]
        address = re.sub(r"^https://|\.git$", "", location)
        packages.append(package(
            name, version, f"git+{location}@{state['revision']}", licence, f"pkg:swift/{address}@{version}"))
        if name in BUILD_TOOLS:
            relations.append((spdx_id(name), "BUILD_TOOL_OF", "SPDXRef-martlet"))
            continue
        relations.append(("SPDXRef-martlet", "DEPENDS_ON", spdx_id(name)))
        licences.add(licence_text, f"{name} {version} ({location})")
        if notice:
            notices.append((f"{name} {version}", notice))
        for owner, inner, source, inner_licence, file in BUNDLED:
            if owner != name:
                continue
            full = f"{inner}-in-{owner}"
            packages.append(package(full, version, source, inner_licence))
            relations.append((spdx_id(name), "CONTAINS", spdx_id(full)))
            text = (path / file).read_text(encoding="utf-8") if file else licence_text
            licences.add(text, f"{inner}, as it is in {owner} {version} ({source})")
    icu = (Path(__file__).parent / "ICU-LICENSE.txt").read_text(encoding="utf-8")
    runtime = given.swift_license.read_text(encoding="utf-8")
    packages.append(package(
        "swift-runtime", given.swift_version, "https://github.com/swiftlang/swift", licence_of(runtime)))
    relations.append(("SPDXRef-martlet", "STATIC_LINK", "SPDXRef-swift-runtime"))
    licences.add(
        runtime, f"Swift's standard library, Foundation and Dispatch {given.swift_version} (https://github.com/swiftlang/swift)")
    packages.append(package(
        "ICU-in-Foundation", given.swift_version, "https://github.com/swiftlang/swift-foundation-icu", "Unicode-3.0"))
    relations.append(("SPDXRef-swift-runtime", "CONTAINS", "SPDXRef-ICU-in-Foundation"))
    licences.add(icu, "ICU, as it is in Foundation (https://github.com/swiftlang/swift-foundation-icu)")

    digest = hashlib.sha256(json.dumps([packages, relations]).encode()).hexdigest()
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"martlet-{given.version}", "documentNamespace": f"urn:martlet:sbom:{given.version}:{digest[:32]}",
        "creationInfo": {"created": given.created, "creators": ["Tool: martlet-sbom"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations],
    }
    given.sbom.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    rule = "=" * 78
    parts = [f"Martlet {given.version} has code of others in it, under these licences.\n"]
    for text, owners in licences.owners():
        parts.append(f"{rule}\n" + "\n".join(owners) + f"\n{rule}\n\n{text.strip()}\n")
    for owner, text in notices:
        parts.append(f"{rule}\nNotice of {owner}\n{rule}\n\n{text.strip()}\n")
    given.notices.write_text("\n".join(parts), encoding="utf-8")
    print(f"{len(packages) - 1} packages in {given.sbom.name}, {len(licences.owners())} licence texts and "
          f"{len(notices)} notices in {given.notices.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
