#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parses every YAML and JSON file below deploy/ and checks what they say of each other. Needs PyYAML.

  check_files.py [FILE]     with FILE: also writes the dashboard's queries there, as rules that promtool can check
"""

import json
import pathlib
import re
import sys

import yaml

DEPLOY = pathlib.Path(__file__).resolve().parent
ROOT = DEPLOY.parent
COMPOSE = DEPLOY / "compose"


def parse_all():
    count = 0
    for path in sorted(DEPLOY.rglob("*")):
        if path.suffix in (".yaml", ".yml") and "templates" not in path.parts:
            list(yaml.safe_load_all(path.read_text()))
        elif path.suffix == ".json":
            json.loads(path.read_text())
        else:
            continue
        count += 1
    json.loads((ROOT / "Sources/CCoordinatorPages/openapi.json").read_text())
    return count + 1


def stages():
    """The stages of the Containerfile; what it copies must be there."""
    names = []
    for line in (DEPLOY / "container/Containerfile").read_text().splitlines():
        if found := re.match(r"FROM (\S+) AS (\S+)", line):
            base, name = found.groups()
            if "/" not in base and base not in names:
                raise SystemExit(f"Containerfile: no stage {base}")
            names.append(name)
        elif found := re.match(r"COPY (?!--from)(.+) \S+$", line):
            for source in found[1].split():
                if not (ROOT / source).exists():
                    raise SystemExit(f"Containerfile: there is no {source}")
        elif found := re.match(r"COPY --from=(\S+)", line):
            if found[1] not in names:
                raise SystemExit(f"Containerfile: no stage {found[1]}")
    return names


def check_compose():
    compose = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    services, wrong = compose["services"], []
    for name, service in services.items():
        for kind in ("secrets", "networks"):
            for used in service.get(kind, []):
                if used not in compose[kind]:
                    wrong.append(f"{name}: no {kind[:-1]} {used}")
        for other in service.get("depends_on", {}):
            if other not in services:
                wrong.append(f"{name}: depends on {other}, which is not there")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                if not (COMPOSE / source).exists():
                    wrong.append(f"{name}: there is no {source}")
            elif source not in compose["volumes"]:
                wrong.append(f"{name}: no volume {source}")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                wrong.append(f"{name}: the port {port} is open to everybody")
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", key) and not value.startswith("/run/secrets/"):
                wrong.append(f"{name}: {key} is not a file")
    made = set(re.findall(r">secrets/(\S+)", (COMPOSE / "init.sh").read_text()))
    for name, secret in compose["secrets"].items():
        if pathlib.Path(secret["file"]).name not in made:
            wrong.append(f"secret {name}: init.sh does not make it")
    if wrong:
        raise SystemExit("compose: " + "; ".join(wrong))


def queries():
    dashboard = json.loads((COMPOSE / "grafana/dashboards/martlet.json").read_text())
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [query.replace("$__rate_interval", "5m") for query in found]


def main():
    count = parse_all()
    names = stages()
    check_compose()
    found = queries()
    if len(sys.argv) > 1:
        rules = [{"record": f"dashboard:query:{index}", "expr": query} for index, query in enumerate(found)]
        pathlib.Path(sys.argv[1]).write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    print(f"files: {count} parse; Containerfile: stages {', '.join(names)}; dashboard: {len(found)} queries")


if __name__ == "__main__":
    main()
