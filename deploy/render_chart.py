#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders the Helm chart where helm is not installed, and checks what comes out.

It knows the part of Go's templates that the chart uses, and refuses the rest: values, quote, toYaml, nindent, printf with
%v, not, eq, if, else and end. The values are checked against values.schema.json, each document is parsed as YAML, and what
documents say of each other (selectors, volumes, secrets) is compared.

  render_chart.py [--print]

Needs PyYAML; jsonschema where it is installed.
"""

import json
import pathlib
import re
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parent / "helm/martlet"
TAG = re.compile(r"\{\{(-?)\s*(.*?)\s*(-?)\}\}", re.S)
WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')


class ChartError(Exception):
    pass


def pieces(text):
    """The texts and the actions of a template, with the white space removed that `-` takes away."""
    position, found = 0, []
    for tag in TAG.finditer(text):
        literal = text[position:tag.start()]
        if found and found[-1][0] == "trimmed":
            found[-1] = ("action", found[-1][1])
            literal = literal.lstrip()
        found.append(("text", literal.rstrip() if tag[1] else literal))
        found.append(("trimmed" if tag[3] else "action", tag[2]))
        position = tag.end()
    rest = text[position:]
    if found and found[-1][0] == "trimmed":
        found[-1] = ("action", found[-1][1])
        rest = rest.lstrip()
    return found + [("text", rest)]


def shown(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def operand(word, scope):
    if word.startswith('"'):
        return json.loads(word)
    if not word.startswith("."):
        raise ChartError(f"{word!r} is nothing that this renderer knows")
    value = scope
    for name in word[1:].split("."):
        if not isinstance(value, dict) or name not in value:
            raise ChartError(f"there is no {word}")
        value = value[name]
    return value


def evaluate(expression, scope):
    value, given = None, False
    for stage in expression.split(" | "):
        name, *words = WORD.findall(stage)
        if name.startswith((".", '"')) and not words:
            value = operand(name, scope)
        elif name == "nindent":
            value = "\n" + "\n".join(" " * int(words[0]) + line for line in shown(value).splitlines())
        elif name == "quote" and given:
            value = json.dumps(shown(value))
        elif name == "toYaml":
            value = yaml.safe_dump(operand(words[0], scope), default_flow_style=False).rstrip()
        elif name == "printf":
            form = operand(words[0], scope)
            for word in words[1:]:
                form = form.replace("%v", shown(operand(word, scope)), 1)
            value = form
        elif name == "not":
            value = not operand(words[0], scope)
        elif name == "eq":
            value = operand(words[0], scope) == operand(words[1], scope)
        else:
            raise ChartError(f"{stage!r} is nothing that this renderer knows")
        given = True
    return value


def render(text, scope):
    output, stack = [], []  # of the stack: whether this branch is taken, whether one was, whether the outside is
    for kind, content in pieces(text):
        active = all(entry[0] for entry in stack)
        if kind == "text":
            if active:
                output.append(content)
        elif content.startswith("if "):
            taken = bool(evaluate(content[3:], scope))
            stack.append([taken, taken])
        elif content == "else":
            if not stack:
                raise ChartError("else without if")
            stack[-1] = [not stack[-1][1], True]
        elif content == "end":
            if not stack:
                raise ChartError("end without if")
            stack.pop()
        elif not content.startswith("/*"):
            value = evaluate(content, scope)
            if active:
                output.append(shown(value))
    if stack:
        raise ChartError("an if without end")
    return "".join(output)


def merged(values, changes):
    result = dict(values)
    for name, value in changes.items():
        result[name] = merged(result[name], value) if isinstance(value, dict) else value
    return result


def validate(values):
    try:
        import jsonschema
    except ImportError:
        return
    jsonschema.validate(values, json.loads((CHART / "values.schema.json").read_text()))


def documents(values):
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    scope = {"Values": values, "Chart": chart, "Release": {"Name": "release", "Namespace": "default"}}
    texts = []
    for path in sorted((CHART / "templates").glob("*.yaml")):
        try:
            texts.append(render(path.read_text(), scope))
        except ChartError as error:
            raise ChartError(f"{path.name}: {error}") from None
    return texts, [document for text in texts for document in yaml.safe_load_all(text) if document]


def compare(found):
    """What the documents say of each other."""
    workloads = [document for document in found if document["kind"] in ("Deployment", "StatefulSet")]
    for document in workloads:
        spec, name = document["spec"], document["metadata"]["name"]
        labels, wanted = spec["template"]["metadata"]["labels"], spec["selector"]["matchLabels"]
        if not wanted.items() <= labels.items():
            raise ChartError(f"{name}: its selector is not among its labels")
        volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
        for container in spec["template"]["spec"]["containers"]:
            for mount in container["volumeMounts"]:
                if mount["name"] not in volumes:
                    raise ChartError(f"{name}: no volume {mount['name']}")
            ports = {port["name"] for port in container["ports"]}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if container[probe]["httpGet"]["port"] not in ports:
                    raise ChartError(f"{name}: {probe}: no such port")
    for document in found:
        if document["kind"] in ("Service", "PodDisruptionBudget"):
            selector = document["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            if not any(selector.items() <= w["spec"]["template"]["metadata"]["labels"].items() for w in workloads):
                raise ChartError(f"{document['metadata']['name']}: selects nothing")
        if document["kind"] == "ScaledObject":
            target = document["spec"]["scaleTargetRef"]
            if not any((w["kind"], w["metadata"]["name"]) == (target["kind"], target["name"]) for w in workloads):
                raise ChartError("ScaledObject: its target is not there")
            if any("replicas" in w["spec"] for w in workloads if w["metadata"]["name"] == target["name"]):
                raise ChartError("ScaledObject: its target has replicas of its own")


def main():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    variants = [
        {},
        {"coordinator": {"replicas": 3, "tlsSecret": "tls", "costPerHour": 2.5,
                         "persistence": {"accessMode": "ReadWriteMany", "storageClass": "shared"}}},
        {"autoscaling": {"enabled": True}, "worker": {"persistence": {"storageClass": "fast"}}},
    ]
    count = 0
    for changes in variants:
        chosen = merged(values, changes)
        validate(chosen)
        texts, found = documents(chosen)
        compare(found)
        count += len(found)
        if "--print" in sys.argv:
            print("\n---\n".join(texts))
    try:
        validate(merged(values, {"coordinator": {"replicas": 3}}))
    except Exception:  # jsonschema's own kind, which is only known where it is installed
        pass
    else:
        if "jsonschema" in sys.modules:
            raise ChartError("several coordinators on a volume of one node are not refused")
    print(f"chart: {len(variants)} sets of values, {count} documents")


if __name__ == "__main__":
    try:
        main()
    except (ChartError, yaml.YAMLError) as error:
        sys.exit(f"chart: {error}")
