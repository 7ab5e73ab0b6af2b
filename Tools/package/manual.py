#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes manual pages of what `martlet --experimental-dump-help` says.

    martlet --experimental-dump-help | python3 manual.py FOLDER --version 0.1.0 [--date 2026-11-29]

Writes martlet.1, and a page martlet-COMMAND.1 for each command with the commands below it as sections. The texts are the ones of
--help: argument-parser gives both. Reads version 0 of its description, and refuses others. Pages are in man(7), in UTF-8.
"""

import argparse
import json
import sys
from pathlib import Path


def escaped(text: str) -> str:
    """Text for roff: backslashes, hyphens that are typed, and dots and quotes where a line begins."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def spelled(name: dict) -> str:
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def shown(items: list | None) -> list:
    return [item for item in items or [] if item.get("shouldDisplay", True)]


def term(argument: dict) -> str:
    """An argument as it is typed: bold what stands, italic what is put in."""
    value = f"\\fI{escaped(argument.get('valueName') or 'value')}\\fR"
    if argument["kind"] == "positional":
        return value + (" ..." if argument["isRepeating"] else "")
    names = ", ".join(f"\\fB{escaped(spelled(name))}\\fR" for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def synopsis(argument: dict) -> str:
    if argument["kind"] == "positional":
        text = term(argument)
    else:
        name = f"\\fB{escaped(spelled(argument['preferredName']))}\\fR"
        text = name if argument["kind"] == "flag" else f"{name} \\fI{escaped(argument.get('valueName') or 'value')}\\fR"
        if argument["isRepeating"]:
            text += " ..."
    return f"[{text}]" if argument["isOptional"] else text


def explained(argument: dict) -> str:
    sentences = [argument.get("abstract") or "", argument.get("discussion") or ""]
    if values := argument.get("allValues"):
        described = argument.get("allValueDescriptions") or {}
        each = [f"{value} ({described[value]})" if described.get(value, value) != value else value for value in values]
        sentences.append(f"Values: {', '.join(each)}.")
    if argument.get("defaultValue"):
        sentences.append(f"Default: {argument['defaultValue']}.")
    return escaped(" ".join(sentence.strip() for sentence in sentences if sentence.strip()))


def body(command: dict, path: list[str], section: str) -> list[str]:
    """The synopsis and the options of a command; `section` is SH for a page's own, SS for one below it."""
    words = escaped(" ".join(path))
    arguments = [a for a in shown(command.get("arguments")) if not (a.get("names") in COMMON and a["kind"] == "flag")]
    below = shown(command.get("subcommands"))
    lines = [".SH SYNOPSIS" if section == "SH" else f".SS {words}"]
    if section == "SS" and command.get("abstract"):
        lines += [escaped(command["abstract"]), ".PP"]
    if below:
        lines += [f"\\fB{words}\\fR \\fIcommand\\fR ...", ".br"] if not command.get("defaultSubcommand") else [
            f"\\fB{words}\\fR [\\fIcommand\\fR] ...", ".br"]
    else:
        lines += [f"\\fB{words}\\fR"] + [synopsis(argument) for argument in arguments]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION"] if section == "SH" else [".PP"]
        if section == "SH" and command.get("abstract"):
            lines += [escaped(command["abstract"]), ".PP"]
        lines += [escaped(command["discussion"])]
    elif section == "SH" and command.get("abstract"):
        lines += [".SH DESCRIPTION", escaped(command["abstract"])]
    if arguments and not below:
        if section == "SH":
            lines.append(".SH OPTIONS")
        for argument in arguments:
            lines += [".TP", term(argument), explained(argument)]
    return lines


# What every command has, and the root's page tells once.
COMMON = ([{"kind": "short", "name": "h"}, {"kind": "long", "name": "help"}], [{"kind": "long", "name": "version"}])

EXIT_CODES = [
    ".SH EXIT STATUS",
    ".TP", "0", "done", ".TP", "1", "a proof or a check is invalid", ".TP", "2", "bad input or usage",
    ".TP", "3", "infrastructure: a disk, a device, a network, a server",
]


def page(name: str, abstract: str, lines: list[str], also: list[str], version: str, date: str) -> str:
    head = [
        f'.TH "{escaped(name).upper()}" 1 "{date}" "martlet {version}" "Martlet"',
        ".SH NAME", f"{escaped(name)} \\- {escaped(abstract.rstrip('.'))}",
    ]
    tail = [".SH SEE ALSO", ", ".join(f"\\fB{escaped(other)}\\fR(1)" for other in also)] if also else []
    return "\n".join(head + lines + EXIT_CODES + tail) + "\n"


def nested(command: dict, path: list[str]) -> list[str]:
    """The commands below one, each with its own below it."""
    lines = []
    for sub in shown(command.get("subcommands")):
        own = path + [sub["commandName"]]
        lines += body(sub, own, "SS") + nested(sub, own)
    return lines


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--version", required=True)
    options.add_argument("--date", default="")
    given = options.parse_args()
    described = json.load(sys.stdin)
    if described.get("serializationVersion") != 0:
        print("manual: this is not version 0 of argument-parser's description", file=sys.stderr)
        return 2
    root = described["command"]
    commands = [c for c in shown(root.get("subcommands")) if c["commandName"] != "help"]
    given.folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, abstract: str, lines: list[str], also: list[str]) -> None:
        text = page(name, abstract, lines, also, given.version, given.date)
        (given.folder / f"{name}.1").write_text(text, encoding="utf-8")

    tool = root["commandName"]
    lines = body(root, [tool], "SH") + [".SH COMMANDS"]
    for command in commands:
        lines += [".TP", f"\\fB{escaped(tool)}\\-{escaped(command['commandName'])}\\fR(1)",
                  escaped(command.get("abstract") or "")]
        below = [sub["commandName"] for sub in shown(command.get("subcommands")) if sub["commandName"] != "help"]
        if below:
            lines += [".br", "Commands: " + escaped(", ".join(below)) + "."]
    lines += [".SH OPTIONS", ".TP", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Shows the help of any command.",
              ".TP", "\\fB\\-\\-version\\fR", "Shows the version."]
    write(tool, root.get("abstract") or tool, lines, [f"{tool}-{c['commandName']}" for c in commands])
    for command in commands:
        path = [tool, command["commandName"]]
        own = body(command, path, "SH")
        if below := nested(command, path):
            own += [".SH COMMANDS"] + below
        write("-".join(path), command.get("abstract") or " ".join(path), own, [tool])
    return 0


if __name__ == "__main__":
    sys.exit(main())
