#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds public names of the package's products that have no comment, and names that are public for nobody.

    undocumented.py [--package FOLDER] [--list] [TARGET…]

It says so, and ends with 1, when

- a public name of a target that Package.swift puts into a library has no comment (`///` or `/** */`) above it, or one that only says the
  name again or begins with its parameters, preconditions or errors;
- a name is public in a target that is in no library: `package` is what reaches the other targets.

How names are counted: types, functions, initialisers, subscripts, values, cases and aliases that are public or open with all types around
them; a protocol's requirements and an enumeration's cases are as public as it is. Names that are declared in one line share a comment. A
member inherits the comment of the requirement that it meets, as it does in DocC: where its type, or a protocol that is extended, conforms
to a protocol of the package that requires that name (with these labels, where it is called), or to one of the standard library's in
`REQUIREMENTS`. Conformances are seen where they are written, in any file of the package. --list prints a line for each target: its public
names, how many of them inherit, and how many have no comment.

No compiler is asked (see swift_source.py): names that macros make are not seen, and types are told apart by their last name alone. Held
against the compiler's symbol graphs, it saw the same 1,830 names, and the same of them without a comment of their own, in each target.
Exit codes: 0 nothing found, 1 something was, 2 wrong usage, or the package cannot be read.
"""

import argparse
import pathlib
import re
import sys
from collections import defaultdict
from dataclasses import dataclass

sys.dont_write_bytecode = True
import swift_source  # noqa: E402

# What protocols of the standard library and of Foundation require; their documentation says what it means.
REQUIREMENTS = {
    "Equatable": {"==(_:_:)"},
    "Hashable": {"==(_:_:)", "hash(into:)"},
    "Comparable": {"==(_:_:)", "<(_:_:)"},
    "Error": set(),
    "Encodable": {"encode(to:)"},
    "Decodable": {"init(from:)"},
    "Codable": {"encode(to:)", "init(from:)"},
    "CustomStringConvertible": {"description"},
    "CustomDebugStringConvertible": {"debugDescription"},
    "LosslessStringConvertible": {"description", "init(_:)"},
    "LocalizedError": {"errorDescription"},
    "CaseIterable": {"allCases", "AllCases"},
    "RawRepresentable": {"rawValue", "init(rawValue:)", "RawValue"},
    "Identifiable": {"id", "ID"},
    "OptionSet": {"rawValue", "init(rawValue:)"},
    "ExpressibleByIntegerLiteral": {"init(integerLiteral:)", "IntegerLiteralType"},
    "ExpressibleByStringLiteral": {"init(stringLiteral:)", "StringLiteralType"},
    "ExpressibleByArrayLiteral": {"init(arrayLiteral:)", "ArrayLiteralElement"},
    "IteratorProtocol": {"next()", "Element"},
    "Sequence": {"makeIterator()", "Element", "Iterator", "underestimatedCount"},
    "Collection": {"startIndex", "endIndex", "index(after:)", "subscript(_:)", "count", "Index", "Element"},
    "BidirectionalCollection": {"index(before:)"},
    "RandomAccessCollection": {"startIndex", "endIndex", "subscript(_:)", "count", "index(_:offsetBy:)", "distance(from:to:)", "Index",
                               "Element", "Indices"},
    "RandomNumberGenerator": {"next()"},
    "AsyncSequence": {"makeAsyncIterator()", "Element", "AsyncIterator", "Failure"},
    "AsyncIteratorProtocol": {"next()", "Element", "Failure"},
}

MODIFIERS = set(
    "public package internal private fileprivate open static class final override required convenience mutating nonmutating lazy weak unowned "
    "indirect dynamic optional nonisolated isolated consuming borrowing prefix postfix infix distributed async sending".split())
DECLARING = set(
    "import struct class enum actor protocol extension func init deinit subscript var let case typealias associatedtype operator precedencegroup "
    "macro".split())
TYPES = ("struct", "class", "enum", "actor", "protocol", "extension")

_TOKEN = re.compile(r"`\w+`|\w+|->|[{}()\[\]<>,:;@#]|[^\s\w{}()\[\]<>,:;@#`]+")
_LABELS = re.compile(r"(`?\w+`?)(?:\s+`?\w+`?)?\s*:")


class Unreadable(Exception):
    """Nothing can be said of the package."""


@dataclass
class Name:
    target: str
    path: str
    line: int           # where its first attribute, modifier or keyword stands
    owner: tuple        # names of the types around it
    owner_kind: str     # struct, …, protocol, extension, or "" at the top of a file
    name: str           # with labels, where it is called
    kind: str
    public: bool        # with all types around it
    comment: str        # None where it has none


@dataclass
class Scope:
    kind: str           # file, body, or the kind of a type
    path: tuple
    public: bool
    default: bool = False       # an extension that is public gives it to what it holds


def opposite(word):
    return {"(": ")", "[": "]", "{": "}"}.get(word)


class Reader:
    """The declarations of a file, without what is inside of bodies."""

    def __init__(self, target, path, text):
        self.target, self.path = target, path
        self.names = []
        self.parents = defaultdict(set)         # a type's last name -> names of what it conforms to
        self.lines = text.split("\n")
        text = swift_source.blank(text)
        starts = [0] + [found.end() for found in re.finditer("\n", text)]
        self.words, self.places, line = [], [], 0
        for found in _TOKEN.finditer(text):
            while line + 1 < len(starts) and starts[line + 1] <= found.start():
                line += 1
            self.words.append(found.group())
            self.places.append(line)
        self.pairs, stack = {}, []
        for at, word in enumerate(self.words):
            if opposite(word):
                stack.append(at)
            elif word in (")", "]", "}") and stack:
                self.pairs[stack.pop()] = at
        self.at = 0
        self.scope(Scope("file", (), True), len(self.words))

    def word(self, at):
        return self.words[at] if at < len(self.words) else ""

    def first_in_line(self, at):
        return at == 0 or self.places[at - 1] != self.places[at]

    def starts(self, at):
        """Whether a declaration starts at `at`, where one may."""
        word = self.word(at)
        return word in ("}", "#", ";", "") or self.first_in_line(at) and (word == "@" or word in MODIFIERS or word in DECLARING)

    def skip(self, end):
        """To where the next declaration of this scope starts."""
        self.at += 1
        while self.at < end and not self.starts(self.at):
            self.at = self.pairs.get(self.at, self.at) + 1

    def angles(self, at):
        """Behind the list of generic parameters at `at`, where there is one."""
        if self.word(at) != "<":
            return at
        depth = 0
        while at < len(self.words):
            depth += (self.words[at] == "<") - (self.words[at] == ">")
            at += 1
            if depth == 0:
                return at
        return at

    def labels(self, at):
        """The labels of the parameters between the parentheses at `at`, as `(a:_:)`."""
        at = self.angles(at)
        while at < len(self.words) and self.words[at] != "(":
            at += 1
        end, labels, expected = self.pairs.get(at, at), "", True
        at += 1
        while at < end:
            if self.words[at] == "@":
                at += 2
                continue
            if expected:
                labels += self.words[at].strip("`") + ":"
                expected = False
            elif self.words[at] == ",":
                expected = True
            elif self.words[at] == "<":
                at = self.angles(at)
                continue
            at = self.pairs.get(at, at) + 1
        return f"({labels})"

    def comment(self, line):
        """The documentation above a line."""
        found, at = [], line - 1
        if at >= 0 and self.lines[at].rstrip().endswith("*/"):
            while at >= 0 and "/*" not in self.lines[at]:
                found.insert(0, self.lines[at])
                at -= 1
            return " ".join([self.lines[at], *found]).strip("/* ") if at >= 0 and self.lines[at].lstrip().startswith("/**") else None
        while at >= 0 and self.lines[at].lstrip().startswith("///"):
            found.insert(0, self.lines[at].strip()[3:].strip())
            at -= 1
        return " ".join(found).strip() or None

    def scope(self, scope, end):
        while self.at < end:
            word = self.words[self.at]
            if word == "#":
                line = self.places[self.at]
                while self.at < end and self.places[self.at] == line:
                    self.at += 1
            elif word in ("}", ";"):
                self.at += 1
            else:
                self.declaration(scope, end)

    def declaration(self, scope, end):
        start, modifiers = self.at, set()
        while self.at < end:
            word = self.words[self.at]
            if word == "@":
                self.at += 2
                # The parentheses of an attribute follow it at once.
                if self.word(self.at) == "(":
                    self.at = self.pairs.get(self.at, self.at) + 1
            elif word in MODIFIERS and not (word == "class" and self.word(self.at + 1) not in MODIFIERS | DECLARING):
                self.at += 1
                if self.word(self.at) == "(":
                    self.at = self.pairs.get(self.at, self.at) + 1
                else:
                    modifiers.add(word)
            else:
                break
        word = self.word(self.at)
        if word not in DECLARING:
            self.at = self.pairs.get(self.at, self.at) + 1
            return
        spoken = {"public", "open"} & modifiers
        silent = not {"package", "internal", "private", "fileprivate"} & modifiers
        implied = scope.kind == "protocol" or scope.default or word == "case"
        public = scope.public and bool(spoken or silent and implied)

        def add(name, kind):
            self.names.append(Name(
                self.target, self.path, self.places[start] + 1, scope.path, scope.kind if scope.path else "", name, kind, public,
                self.comment(self.places[start])))

        if word in TYPES:
            self.type(scope, word, public, "public" in modifiers, add)
        elif word == "func":
            name, at = self.word(self.at + 1).strip("`"), self.at + 2
            # An operator may be several marks: `<`, `==`.
            while self.word(at) in ("<", ">", ":") and not re.match(r"\w", name) and self.word(at) != ":":
                name += self.words[at]
                at += 1
            labels = self.labels(at)
            if not re.match(r"\w", name):
                labels = re.sub(r"\w+:", "_:", labels)         # operators have none
            add(name + labels, word)
            self.skip(end)
        elif word in ("init", "subscript"):
            at = self.at + 1
            if self.word(at) in ("?", "!"):
                at += 1
            labels = self.labels(at)
            # A subscript's parameters have labels only where two words are written.
            add(word + (re.sub(r"\w+:", "_:", labels) if word == "subscript" else labels), word)
            self.skip(end)
        elif word in ("var", "let"):
            for name in self.bindings(end):
                add(name, "var")
            self.skip(end)
        elif word == "case":
            for name in self.cases(end):
                add(name, "case")
            self.skip(end)
        elif word in ("typealias", "associatedtype"):
            add(self.word(self.at + 1).strip("`"), word)
            self.skip(end)
        else:
            self.skip(end)

    def type(self, scope, kind, public, spoken, add):
        self.at += 1
        path = [self.word(self.at).strip("`")]
        self.at += 1
        while self.word(self.at) in (".", "<"):
            if self.words[self.at] == "<":
                self.at = self.angles(self.at)
            else:
                path.append(self.word(self.at + 1).strip("`"))
                self.at += 2
        body = self.at
        while body < len(self.words) and self.words[body] != "{":
            body = self.pairs.get(body, body) + 1
        words = self.words[self.at:body]
        if words[:1] == [":"]:
            words = words[1:words.index("where")] if "where" in words else words[1:]
            depth, last = 0, None
            for word in [*words, ","]:
                depth += (word in "<([") - (word in ">)]")
                if depth == 0 and word in (",", "&"):
                    if last:
                        self.parents[path[-1]].add(last)
                    last = None
                elif depth == 0 and re.match(r"`?[A-Za-z_]", word) and word not in ("unchecked", "preconcurrency", "retroactive"):
                    last = word.strip("`")
        if kind != "extension":
            add(path[-1], kind)
        self.at = body + 1
        inside = Scope(kind, (*scope.path, *path), public or kind == "extension", kind == "extension" and spoken)
        end = self.pairs.get(body, len(self.words))
        self.scope(inside, end)
        self.at = end + 1

    def bindings(self, end):
        """Names behind `var` or `let`; `self.at` stays before what `skip` skips."""
        at, names = self.at + 1, []
        if self.word(at) == "(":
            return [word for word in self.words[at + 1:self.pairs.get(at, at)] if re.match(r"\w", word)]
        expected = True
        while at < end and not (at > self.at + 1 and self.starts(at)):
            word = self.words[at]
            if expected:
                names.append(word.strip("`"))
                expected = False
            elif word == ",":
                expected = True
            elif word == "<":
                at = self.angles(at)
                continue
            at = self.pairs.get(at, at) + 1
        return names

    def cases(self, end):
        return self.bindings(end)


# The package

def libraries(text):
    """Target -> the library that it is in."""
    result = {}
    for name, targets in re.findall(r"\.library\(\s*name:\s*\"([^\"]+)\",\s*(?:type:[^,]*,\s*)?targets:\s*\[([^\]]*)\]", text):
        for target in re.findall(r'"([^"]+)"', targets):
            result.setdefault(target, name)
    return result


def folders(text, root):
    """Target -> its folder, for targets with Swift files that are not tests."""
    result = {}
    for found in re.finditer(r"\.(?:target|executableTarget)\(", text):
        depth, end = 0, found.end() - 1
        while end < len(text):
            depth += (text[end] == "(") - (text[end] == ")")
            end += 1
            if depth == 0:
                break
        body = text[found.end():end]
        if not (name := re.search(r'name:\s*"([^"]+)"', body)):
            continue
        path = re.search(r'\bpath:\s*"([^"]+)"', body)
        folder = path.group(1) if path else f"Sources/{name.group(1)}"
        # The programs that are fed with damaged inputs, and what tests share, are nobody's library.
        if not folder.startswith("Tests/"):
            if not (root / folder).is_dir():
                raise Unreadable(f"{folder}: no such folder (target {name.group(1)})")
            result[name.group(1)] = folder
    return result


def read(root):
    try:
        manifest = (root / "Package.swift").read_text()
    except OSError as error:
        raise Unreadable(f"Package.swift: {error.strerror}")
    products = libraries(manifest)
    readers = []
    targets = folders(manifest, root)
    if lost := [target for target in products if target not in targets]:
        raise Unreadable(f"Package.swift: the library {products[lost[0]]} has {lost[0]}, which is no target")
    for target, folder in targets.items():
        for path in sorted((root / folder).rglob("*.swift")):
            readers.append(Reader(target, str(path.relative_to(root)), path.read_text()))
    return products, targets, readers


# What is found

def inherited(names, parents):
    """The members that inherit a comment, as a function of a name."""
    required = defaultdict(set)         # protocol -> what it requires, with a comment
    for one in names:
        if one.owner_kind == "protocol" and one.comment:
            required[one.owner[-1]].add(one.name)

    ancestors = {}

    def above(name, seen=()):
        if name not in ancestors:
            found = {name}
            for parent in parents.get(name, ()):
                if parent not in seen:
                    found |= above(parent, (*seen, name))
            if seen:
                return found
            ancestors[name] = found
        return ancestors[name]

    def meets(one):
        return one.owner != () and one.owner_kind != "protocol" and any(
            one.name in required[parent] or one.name in REQUIREMENTS.get(parent, ()) for parent in above(one.owner[-1]))
    return meets


def parts(name):
    """The words of a name, in small letters."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def says_nothing(one):
    """Whether a comment has no word but those of the name and of the type around it."""
    if not re.fullmatch(r"[\w\s.,'’-]+", one.comment):
        return False        # a formula, code or a sign says more
    words = {word.lower() for word in re.findall(r"[^\W_]+", one.comment)} - set("the a an of this its is".split())
    plain = one.name.split("(")[0]
    known = parts(plain) | (parts(one.owner[-1]) if one.owner else set())
    return bool(parts(plain)) and bool(words) and words <= known | {word + "s" for word in known} | {word.removesuffix("s") for word in known}


def main():
    parser = argparse.ArgumentParser(description="Public names without a comment.")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--package", default=str(pathlib.Path(__file__).resolve().parent.parent), metavar="FOLDER")
    parser.add_argument("--list", action="store_true", help="print how many names each target has")
    options = parser.parse_args()

    products, targets, readers = read(pathlib.Path(options.package))
    if unknown := [name for name in options.targets if name not in targets]:
        parser.error(f"no target {unknown[0]}")
    names = [name for reader in readers for name in reader.names]
    parents = defaultdict(set)
    for reader in readers:
        for name, found in reader.parents.items():
            parents[name] |= found
    meets = inherited(names, parents)
    # A type that is not public keeps its extensions' members to itself.
    hidden = {(one.target, one.owner + (one.name,)) for one in names if one.kind in TYPES and not one.public}
    hidden -= {(one.target, one.owner + (one.name,)) for one in names if one.kind in TYPES and one.public}

    def visible(one):
        return one.public and not any((one.target, one.owner[:end]) in hidden for end in range(1, len(one.owner) + 1))

    own = defaultdict(set)
    for one in names:
        if one.kind in TYPES:
            own[one.target].add(one.name)

    findings, counts = [], {target: [0, 0, 0] for target in targets}
    for one in names:
        if options.targets and one.target not in options.targets or not visible(one):
            continue
        count = counts[one.target]
        count[0] += 1
        full = ".".join((*one.owner, one.name))
        if one.target not in products:
            # What makes another target's type conform to a protocol is as public as both.
            if one.owner and one.owner[0] not in own[one.target]:
                continue
            findings.append(f"{one.path}:{one.line}: {full} is public, but {one.target} is in no library: `package` is enough")
        elif one.comment is None:
            if meets(one):
                count[1] += 1
            else:
                count[2] += 1
                findings.append(f"{one.path}:{one.line}: {full} has no comment")
        elif one.comment.startswith("- "):
            findings.append(f"{one.path}:{one.line}: the comment of {full} does not say what it is, before `{one.comment.split(':')[0]}:`")
        elif says_nothing(one):
            findings.append(f"{one.path}:{one.line}: the comment of {full} only says its name")

    if options.list:
        print(f"{'target':22}  public  inherit  without")
        for target, (public, inherits, without) in counts.items():
            if target in products and (not options.targets or target in options.targets):
                print(f"{target:22}  {public:6}  {inherits:7}  {without:7}")
    for finding in findings:
        print(finding, file=sys.stderr)
    total = sum(count[0] for target, count in counts.items() if target in products)
    if not findings:
        count = len(set(products.values()))
        print(f"public names: {total} in {count} librar{'y' if count == 1 else 'ies'}, all with a comment")
    return 1 if findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unreadable as error:
        print(f"undocumented: {error}", file=sys.stderr)
        sys.exit(2)
