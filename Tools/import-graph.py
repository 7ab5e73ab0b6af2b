#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the import graph by target and by file, and says where it is not what it should be.

    import-graph.py [--package FOLDER] [--files] [--json | --dot] [TARGET…]

It says so, and ends with 1, when

- a file imports a module that its target does not declare in Package.swift, or a target declares what no file of it imports (a program
  that a target's tests run is named in them instead);
- docs/architecture.md's tables of targets miss a target or an import, have one that is not there, or have an arrow that goes up;
- files of a target use each other in a circle. `X.swift` and `X+Y.swift` may use each other. A target that docs/architecture.md names
  behind "Circles between files are left in" may have circles still; that it has none any more is a finding, too.

Without targets it looks at all. --files prints the arrows between files too; --json and --dot print the graph for programs (of one
target with --dot TARGET, files), and findings on standard error. Exit codes: 0 nothing found, 1 something was, 2 wrong usage, or the
package cannot be read.

What it sees: types at every level, by the scope in which their name stands; functions and values at the top of files; members of a type
whose name is written before the dot, of `self`, and of values whose type is plainly written or made (`x: T`, `x = T(…)`, results of
functions, elements of `[T]`); initialisers by their labels. Of a value whose type it does not know, it sees a member only where one file
of the target declares that name, no target does that this one imports, and no target uses the name without sight of a declaration (so
`count` and `map` are nobody's). What it does not see: operators, subscripts, witnesses found by conformance alone, types that are
inferred and never written, code that macros make; overloads that stand in several files say nothing. Held against the compiler's index
of November's end, it saw 1,793 of 1,823 arrows, and 3 that are not there.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

sys.dont_write_bytecode = True
import swift_source  # noqa: E402

# Modules that come with the toolchain or the system's C library.
TOOLCHAIN = set(
    "Swift Foundation FoundationEssentials FoundationXML FoundationNetworking Dispatch Synchronization Glibc Musl Darwin Testing XCTest "
    "RegexBuilder".split())


class Unreadable(Exception):
    """Nothing can be said of the package."""


@dataclass
class Target:
    name: str
    kind: str
    path: str
    declared: set                                   # own targets
    products: dict                                  # module of a package -> the package
    files: dict = field(default_factory=dict)       # path -> Source
    imports: dict = field(default_factory=dict)     # module -> [(path, line)]

    @property
    def packages(self):
        return {self.products[module] for module in self.imports if module in self.products}


# The package

def load(folder):
    """Targets of the package, in the order of Package.swift."""
    with tempfile.TemporaryDirectory() as scratch:
        # The programs of Tests/Fuzz are targets only where a library for them is named.
        environment = dict(os.environ, MARTLET_LIBFUZZER="none")
        try:
            done = subprocess.run(
                ["swift", "package", "--package-path", folder, "--scratch-path", scratch, "dump-package"],
                capture_output=True, text=True, env=environment)
        except OSError as error:
            raise Unreadable(f"swift: {error.strerror}")
    if done.returncode:
        raise Unreadable(f"Package.swift: {done.stderr.strip()}")
    manifest = json.loads(done.stdout)
    own = {target["name"] for target in manifest["targets"]}
    targets = {}
    for target in manifest["targets"]:
        if target["type"] in ("plugin", "system", "macro", "binary"):
            continue
        declared, products = set(), {}
        for dependency in target["dependencies"]:
            kind, (name, *rest) = next(iter(dependency.items()))
            if kind == "product":
                products[name] = rest[0]
            elif name in own:
                declared.add(name)
            else:
                products[name] = name
        path = target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"]
        targets[target["name"]] = Target(target["name"], target["type"], path, declared, products)
    for target in targets.values():
        read_files(pathlib.Path(folder), target, targets)
    return targets


def read_files(folder, target, targets):
    root = folder / target.path
    if not root.is_dir():
        raise Unreadable(f"{target.path}: no such folder (target {target.name})")
    paths = sorted(path for path in root.rglob("*") if path.suffix in (".swift", ".c", ".h", ".S"))
    headers = None
    for path in paths:
        name = str(path.relative_to(folder))
        text = path.read_text()
        if path.suffix == ".swift":
            target.files[name] = text
            continue
        # C: what it includes from another target's folder.
        if headers is None:
            headers = {header.name: other for other in target.declared
                       for header in (folder / targets[other].path).rglob("*.h")}
        for number, line in enumerate(text.splitlines(), 1):
            if found := re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line):
                header = found[1].rsplit("/", 1)[-1]
                if header in headers and not any(other.name == header for other in root.rglob("*.h")):
                    target.imports.setdefault(headers[header], []).append((name, number))


def parse(targets):
    """Reads all Swift files, as many at a time as there are processors."""
    work = [(name, text) for target in targets.values() for name, text in target.files.items()]
    with ProcessPoolExecutor() as pool:
        sources = dict(zip((name for name, _ in work), pool.map(swift_source.read, *zip(*work), chunksize=8))) if work else {}
    for target in targets.values():
        target.files = {name: sources[name] for name in target.files}
        for name, source in target.files.items():
            for module, line in source.imports:
                target.imports.setdefault(module, []).append((name, line))


# Targets

def check_dependencies(target, targets):
    for module, places in sorted(target.imports.items()):
        if module not in target.declared and module not in target.products and module not in TOOLCHAIN and module != target.name:
            path, line = places[0]
            yield f"{path}:{line}: {target.name} imports {module}, which it does not declare in Package.swift"
    strings = set()
    for name in [target.name, *target.declared]:
        for source in targets[name].files.values():
            strings |= source.strings
    for module in sorted(target.declared | set(target.products)):
        if module in target.imports or module in targets and targets[module].kind == "executable" and module in strings:
            continue
        yield f"Package.swift: {target.name} declares {module}, which no file of {target.path} imports"


def read_table(text):
    """Rows of the tables whose first column is called `target`: [(name, own targets, packages, line)]."""
    rows, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == "target":
            inside = True
        elif inside and not re.fullmatch(r"[-: ]+", cells[0]):
            name = re.match(r"`([\w-]+)`", cells[0])
            if not name or len(cells) < 3:
                raise Unreadable(f"docs/architecture.md:{number}: a row of the table of targets begins with one target in backticks")
            own, _, packages = cells[-1].partition(";")
            rows.append((name[1], *({word.strip(" `") for word in part.split(",")} - {"", "–"} for part in (own, packages)), number))
    return rows


def still_circular(text):
    """Targets that may have circles still, as {name: line}: a sentence of the page that shrinks."""
    found = re.search(r"^Circles between files are left in ([^.]*)\.", text, re.M)
    return {name: text[:found.start()].count("\n") + 1 for name in re.findall(r"`([\w-]+)`", found[1])} if found else {}


def check_table(targets, text):
    rows = read_table(text)
    known = {}
    for name, own, packages, line in rows:
        where = f"docs/architecture.md:{line}"
        if name in known:
            yield f"{where}: {name} has a second row"
        known[name] = line
        if name not in targets:
            yield f"{where}: {name} is no target"
            continue
        target = targets[name]
        real = {module for module in target.imports if module in targets and module != name}
        for module in sorted(real - own):
            path, number = target.imports[module][0]
            yield f"{where}: {name} imports {module} ({path}:{number}), which the table does not have"
        for module in sorted(own - real):
            yield f"{where}: the table has {name} import {module}, which no file of it does"
        for package in sorted(target.packages - packages):
            yield f"{where}: {name} imports of the package {package}, which the table does not have behind the semicolon"
        for package in sorted(packages - target.packages):
            yield f"{where}: the table has {name} import of the package {package}, which no file of it does"
        for module in sorted(real):
            if module not in known:
                yield f"{where}: {name} imports {module}, which stands no higher in the table"
    for target in targets.values():
        if target.kind != "test" and target.name not in known:
            yield f"docs/architecture.md: {target.name} has no row in the table of targets"


# Files

class Names:
    """What the files of one target declare, and what their names mean."""

    def __init__(self, module, files):
        self.module = module
        self.types = {}                                         # full path of a type -> [Declaration]
        self.members = defaultdict(lambda: defaultdict(list))   # owner, () for the top -> name -> [(file, Declaration)]
        self.places = defaultdict(set)                          # name -> files
        self.parents = defaultdict(list)                        # owner -> [(path as written, scope, file)]
        for path, source in files.items():
            for found in source.declarations:
                self.members[found.owner][found.name].append((path, found))
                if found.kind != "generic":
                    self.places[found.name].add(path)
                if found.kind == "type":
                    self.types[found.owner + (found.name,)] = found
            for owner, parents in source.parents.items():
                self.parents[owner] += [(parent, owner[:-1], path) for parent in parents]

    def visible(self, owner, name, file):
        found = [(path, one) for path, one in self.members[owner].get(name, ()) if path == file or not one.private] \
            if owner in self.members else []
        return [one for one in found if one[1].required] or found

    def member(self, owner, name, file, seen=()):
        """Declarations of a member of a type: its own, or else those of what it conforms to."""
        if found := self.visible(owner, name, file):
            return found
        if owner in seen or len(seen) > 6:
            return []
        found = []
        for parent, scope, _ in self.parents.get(owner, ()):
            full = self.type(parent, scope, file)
            if full and full != owner:
                found += self.member(full, name, file, (*seen, owner))
        return found

    def lexical(self, name, scope, file):
        for depth in range(len(scope), -1, -1):
            if found := self.member(scope[:depth], name, file) if depth else self.visible((), name, file):
                return found
        return []

    def type(self, path, scope, file, names=None, depth=0):
        """The full path of a type that is written as `path`; types of other modules keep what is written."""
        if not path or depth > 8:
            return None
        if path[0] == self.module and len(path) > 1 and (self.module,) not in self.types:
            full, path = self._meaning(self.visible((), path[1], file), path[1], file, depth), path[1:]
        elif path[0] in ("Self", "self"):
            full = scope
        elif names and path[0] in names:
            bound = names[path[0]]
            full = self.type(bound[0], scope, file, None, depth + 1) if bound[0] and isinstance(bound[0], tuple) else None
        else:
            full = self._meaning(self.lexical(path[0], scope, file), path[0], file, depth)
        for name in path[1:]:
            if full is None:
                return None
            full = self._meaning(self.member(full, name, file), None, file, depth)
        return full or None

    def _meaning(self, found, otherwise, file, depth):
        for path, one in found:
            if one.kind == "type":
                return one.owner + (one.name,)
            if one.kind in ("alias", "associated", "generic"):
                return self.type(one.type, one.owner, path, None, depth + 1) if one.type else None
        return (otherwise,) if otherwise and not found else None

    # Expressions. A meaning is (type, whether it is the type itself, whether it is a collection of it), or None.

    def plain(self, path, element, scope, file, names=None):
        full = self.type(path, scope, file, names)
        return full and (full, False, element)

    def local(self, name, names, scope, file, depth):
        kind = names[name]
        if kind[0] == "same":
            return self.after(self.lexical(name, scope, file), False, file)
        if kind[0] in ("value", "element"):
            rest = {other: one for other, one in names.items() if other != name}
            found = self.chain(kind[1], kind[2], scope, rest, file, depth + 1)
            if kind[0] == "element":
                return (found[0], False, False) if found and found[2] else None
            return found
        return self.plain(kind[0], kind[1], scope, file, names) if kind[0] else None

    def after(self, found, called, file):
        """What stands behind the name of one of these declarations."""
        for path, one in found:
            if one.kind == "type":
                full = one.owner + (one.name,)
                return (full, called != "(", False) if called != "[" else None
            if one.kind in ("alias", "associated", "generic"):
                full = self.type(one.type, one.owner, path)
                return full and (full, called != "(", False)
            meaning = self.plain(one.type, one.element, one.owner, path) if one.type else None
            if one.kind == "case":
                return meaning
            if called == "[" and meaning:
                return (meaning[0], False, False) if meaning[2] else self.indexed(meaning, file)
            return meaning if one.kind == "value" or called else None
        return None

    def indexed(self, meaning, file):
        return self.after(self.member(meaning[0], "subscript", file), "(", file)

    def chain(self, chain, calls, scope, names, file, depth=0):
        """The meaning of an expression."""
        if chain[0] == self.module and len(chain) > 1:
            chain, calls = chain[1:], calls[1:]
        if depth > 5:
            return None
        first, called = chain[0], calls[0]
        if first == "":
            return None
        if first == "self":
            meaning = (scope, False, False) if scope else None
        elif first == "Self":
            meaning = (scope, called != "(", False) if scope else None
        elif first in names:
            meaning = self.local(first, names, scope, file, depth)
            if called == "[" and meaning:
                meaning = (meaning[0], False, False) if meaning[2] else self.indexed(meaning, file)
            elif called == "(" and first[:1].isupper() and meaning:
                meaning = (meaning[0], False, False)
        else:
            found = self.lexical(first, scope, file)
            meaning = self.after(found, called, file) if found else ((first,), called != "(", False) if first[:1].isupper() else None
        for name, called in zip(chain[1:], calls[1:]):
            if meaning is None or meaning[2]:
                return None
            if name == "init":
                meaning = (meaning[0], False, False)
            elif name in ("self", "Type"):
                meaning = (meaning[0], name == "Type" or meaning[1], False)
            else:
                meaning = self.after(self.member(meaning[0], name, file), called, file)
        return meaning

    def initialisers(self, use, file):
        """The initialisers that a call `T(…)` or `T.init(…)` may mean, by its labels; those with defaults left out count."""
        if use.labels is None:
            return []
        chain, calls = (use.chain[:-1], use.calls[:-1]) if use.chain[-1] == "init" else (use.chain, use.calls)
        if not chain or not chain[-1][:1].isupper() or chain[-1] in use.names:
            return []
        meaning = self.chain(chain, (*calls[:-1], False), use.scope, use.names, file)
        if meaning is None or not meaning[1]:
            return []
        found = self.visible(meaning[0], "init", file)
        if (meaning[0] not in self.types and use.labels in ((), ("_",))) or len({path for path, _ in found}) != 1:
            exact = [(path, one) for path, one in found if one.labels == use.labels]
            return exact if meaning[0] in self.types or use.labels not in ((), ("_",)) else []

        def fits(labels):
            rest = iter(labels or ())
            return all(any(label == other for other in rest) for label in use.labels)
        return [(path, one) for path, one in found if fits(one.labels)]

    def declarations(self, use, file):
        """What a use may mean: declarations, or None where the type before the dot is not known."""
        name = use.chain[-1]
        if len(use.chain) == 1:
            return [] if name in use.names else self.lexical(name, use.scope, file)
        if use.chain[:-1] == (self.module,) and self.module not in use.names:
            return self.visible((), name, file)
        meaning = self.chain(use.chain[:-1], use.calls[:-1], use.scope, use.names, file)
        if meaning is None:
            return None
        return [] if meaning[2] else self.member(meaning[0], name, file)


def used_and_declared(target):
    """Names that a target declares as members, and names that it uses behind a dot."""
    declared = {one.name for source in target.files.values() for one in source.declarations if one.owner}
    used = {use.chain[-1] for source in target.files.values() for use in source.uses if len(use.chain) > 1}
    return declared, used


def families(files):
    """For each file the file whose type it extends by its name (`X+Y.swift`: `X.swift`), or itself."""
    stems = {}
    for path in files:
        name = path.rsplit("/", 1)[-1].removesuffix(".swift")
        stems.setdefault(name, path)
    return {path: stems.get(path.rsplit("/", 1)[-1].removesuffix(".swift").split("+")[0], path) for path in files}


def file_arrows(target, uncertain):
    """Arrows between the files of a target: (file, file) -> {name: (line, line of the declaration)}. `uncertain` are names that a value
    of any type may have."""
    names = Names(target.name.replace("-", "_"), target.files)
    arrows = defaultdict(dict)

    def arrow(path, line, found, text=None):
        homes = {place for place, _ in found}
        if len(homes) == 1 and path not in homes:
            place, one = found[0]
            arrows[path, place].setdefault(text or ".".join((*one.owner[-1:], one.name)), (line, one.line))

    for path, source in target.files.items():
        for use in source.uses:
            name = use.chain[-1]
            if use.labels is not None and (name == "init" or name[:1].isupper()):
                made = names.initialisers(use, path)
                for _, one in made[:1]:
                    arrow(path, use.line, made, f"{one.owner[-1]}.init({''.join(label + ':' for label in one.labels or ())})")
            places = names.places.get(name)
            if name == "init" or not places or places == {path}:
                continue
            found = names.declarations(use, path)
            if found is None:
                if name in uncertain or len(places) > 1:
                    continue
                found = [(place, one) for owner in names.members.values() for place, one in owner.get(name, ())
                         if one.owner and not one.private]
            arrow(path, use.line, [(place, one) for place, one in found if one.kind not in ("generic", "associated")])
        for extended, line in source.extensions:
            if len(extended) == 1:
                arrow(path, line, names.visible((), extended[0], path))
    return dict(arrows)


def circles(arrows, families):
    """Strongly connected components with files of more than one family (Tarjan, without recursion)."""
    graph = defaultdict(list)
    for start, end in sorted(arrows):
        graph[start].append(end)
    index, low, stack, on, result = {}, {}, [], set(), []
    for root in sorted(graph):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root), on.add(root)
        work = [(root, iter(graph[root]))]
        while work:
            node, edges = work[-1]
            for end in edges:
                if end not in index:
                    index[end] = low[end] = len(index)
                    stack.append(end), on.add(end)
                    work.append((end, iter(graph.get(end, ()))))
                    break
                if end in on:
                    low[node] = min(low[node], index[end])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while True:
                        one = stack.pop()
                        on.discard(one)
                        part.append(one)
                        if one == node:
                            break
                    if len({families[one] for one in part}) > 1:
                        result.append(sorted(part))
    return result


def describe(target, part, arrows):
    short = {path: path.removeprefix(target.path + "/") for path in part}
    lines = [f"{target.path}: a circle of {len(part)} files of {target.name}: " + ", ".join(short[path] for path in part)]
    for (start, end), uses in sorted(arrows.items()):
        if start in short and end in short:
            told = [f"{name} ({line})" for name, (line, _) in sorted(uses.items(), key=lambda one: one[1])]
            more = f" and {len(told) - 4} more" if len(told) > 4 else ""
            lines.append(f"    {short[start]} -> {short[end]}: " + ", ".join(told[:4]) + more)
    return "\n".join(lines)


def visible_targets(name, targets, seen):
    for other in targets[name].declared:
        if other not in seen:
            seen.add(other)
            visible_targets(other, targets, seen)
    return seen


def uncertain_names(targets):
    """For each target the members' names that say nothing of a value's type in it."""
    facts = {name: used_and_declared(target) for name, target in targets.items()}
    sees = {name: visible_targets(name, targets, {name}) for name in targets}
    foreign = set()
    for name in targets:
        known = set().union(*(facts[other][0] for other in sees[name]))
        foreign |= facts[name][1] - known
    return {name: foreign.union(*(facts[other][0] for other in sees[name] - {name})) for name in targets}


# Output

def table(targets, arrows):
    rows = [("target", "files", "arrows", "imports")]
    for target in targets:
        own = sorted(target.declared & set(target.imports))
        packages = sorted(target.packages)
        rows.append((target.name, str(len(target.files)), str(len(arrows[target.name])),
                     ", ".join(own) + ("; " + ", ".join(packages) if packages else "")))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, files, count, imports in rows:
        yield f"{name:{widths[0]}}  {files:>{widths[1]}}  {count:>{widths[2]}}  {imports}".rstrip()


def dot(targets, arrows):
    yield "digraph {"
    if len(targets) == 1:
        target = targets[0]
        pairs = [tuple(path.removeprefix(target.path + "/") for path in pair) for pair in sorted(arrows[target.name])]
    else:
        pairs = [(target.name, other) for target in targets for other in sorted(target.declared & set(target.imports))]
    for start, end in pairs:
        yield f'  "{start}" -> "{end}"'
    yield "}"


def document(targets, arrows, findings):
    return {
        "targets": [{
            "name": target.name, "path": target.path, "files": sorted(target.files),
            "imports": sorted(target.declared & set(target.imports)), "packages": sorted(target.packages),
            "arrows": [{
                "from": start, "to": end,
                "names": [{"name": name, "line": line, "declared": declared}
                          for name, (line, declared) in sorted(uses.items())],
            } for (start, end), uses in sorted(arrows[target.name].items())],
        } for target in targets],
        "findings": findings,
    }


def main():
    parser = argparse.ArgumentParser(description="The import graph by target and by file, and what is wrong with it.")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--package", default=str(pathlib.Path(__file__).resolve().parent.parent), metavar="FOLDER")
    parser.add_argument("--files", action="store_true", help="print the arrows between files, too")
    parser.add_argument("--quiet", action="store_true", help="print findings alone")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--dot", action="store_true")
    options = parser.parse_args()

    targets = load(options.package)
    if unknown := [name for name in options.targets if name not in targets]:
        parser.error(f"no target {unknown[0]}")
    parse(targets)
    chosen = [target for target in targets.values() if not options.targets or target.name in options.targets]
    uncertain = uncertain_names(targets)
    arrows = {target.name: file_arrows(target, uncertain[target.name]) for target in chosen}

    findings = [finding for target in chosen for finding in check_dependencies(target, targets)]
    try:
        text = (pathlib.Path(options.package) / "docs/architecture.md").read_text()
    except OSError as error:
        raise Unreadable(f"docs/architecture.md: {error.strerror}")
    if not options.targets:
        findings += check_table(targets, text)
    left = still_circular(text)
    for target in chosen:
        parts = circles(arrows[target.name], families(target.files))
        if target.name not in left:
            findings += [describe(target, part, arrows[target.name]) for part in parts]
        elif not parts:
            findings.append(f"docs/architecture.md:{left[target.name]}: {target.name} has no circle any more: take it out of the sentence")
    findings += [f"docs/architecture.md:{line}: {name} is no target" for name, line in left.items() if name not in targets]

    if options.json:
        print(json.dumps(document(chosen, arrows, findings), indent=2))
    elif options.dot:
        print("\n".join(dot(chosen, arrows)))
    elif not options.quiet:
        print("\n".join(table(chosen, arrows)))
        if options.files:
            for target in chosen:
                for (start, end), uses in sorted(arrows[target.name].items()):
                    print(f"{start} -> {end.removeprefix(target.path + '/')}: {', '.join(sorted(uses))}")
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unreadable as error:
        print(f"import-graph: {error}", file=sys.stderr)
        sys.exit(2)
