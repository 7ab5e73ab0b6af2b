# SPDX-License-Identifier: Apache-2.0
"""Reads Swift source as text: what a file imports, what it declares, and which names it uses where.

No compiler is asked. Comments and the text of strings are taken out (interpolations stay), the rest is cut into tokens, and braces give
scopes. See `Source` for what comes of a file.
"""

import bisect
import re
from dataclasses import dataclass, field

TYPE_KEYWORDS = {"struct", "class", "enum", "actor", "protocol", "extension"}
KEYWORDS = TYPE_KEYWORDS - {"actor"} | set(
    "as associatedtype break case catch continue default defer deinit do else fallthrough false fileprivate for func guard if import in "
    "init inout internal is let nil operator precedencegroup private public rethrows return self Self static subscript super switch "
    "throw throws true try typealias var where while Any await async some any repeat each package open mutating nonmutating indirect "
    "lazy override final convenience required weak unowned nonisolated consuming borrowing isolated sending".split())
# Words of the list above that are names like others where a name is expected.
SOFT = set("package open indirect lazy override final convenience required weak each some any await async default".split())

_NOISE = re.compile(r'//|/\*|#*"')
_TOKEN = re.compile(r"`(\w+)`|([A-Za-z_]\w*)|([0-9][\w.]*)|(\$\w+)|(->|[-+*/%<>=!&|^~?.]+|[{}()\[\],:;@#\\])")
_LINE = re.compile("\n")


def blank(text):
    """The text with comments and the characters of strings as spaces; line breaks and what is interpolated stay."""
    out, at = [], 0

    def skip(end):
        nonlocal at
        out.append(re.sub(r"[^\n]", " ", text[at:end]))
        at = end

    def keep(end):
        nonlocal at
        out.append(text[at:end])
        at = end

    def string(hashes):
        """`at` is behind the opening quote's hashes and on its first quote."""
        many = text.startswith('"""', at)
        quote = ('"""' if many else '"') + "#" * hashes
        escape = "\\" + "#" * hashes
        skip(at + (3 if many else 1))
        mark = re.compile(f"{re.escape(quote)}|{re.escape(escape)}." + ("" if many else "|\n"), re.S)
        while found := mark.search(text, at):
            word = found.group()
            if word == escape + "(":
                skip(found.end() - 1)
                code(inside=True)
            elif word.startswith(escape):
                skip(found.end())
            else:
                skip(found.end())
                return
        skip(len(text))

    def code(inside=False):
        """Code to the end of the text, or inside an interpolation to the end of its parentheses."""
        depth = 0
        mark = re.compile(r'[()]|//|/\*|#*"') if inside else _NOISE
        while found := mark.search(text, at):
            word = found.group()
            if word == "(":
                depth += 1
                keep(found.end())
            elif word == ")":
                depth -= 1
                keep(found.end())
                if depth == 0:
                    return
            elif word == "//":
                keep(found.start())
                skip((text.find("\n", at) + 1 or len(text) + 1) - 1)
            elif word == "/*":
                keep(found.start())
                level, end = 0, at
                for nested in re.compile(r"/\*|\*/").finditer(text, at):
                    level += 1 if nested.group() == "/*" else -1
                    end = nested.end()
                    if level == 0:
                        break
                skip(end if level == 0 else len(text))
            else:
                keep(found.start())
                skip(found.end() - 1)
                string(len(word) - 1)
        keep(len(text))

    code()
    return "".join(out)


@dataclass
class Declaration:
    name: str
    owner: tuple        # the type that it is a member of, () at the top of a file
    kind: str           # type, func, value, case, associated
    line: int
    type: tuple = ()    # of a value, or what a function returns, as a path of names, where it is plainly written
    private: bool = False
    element: bool = False       # `type` is what a collection holds
    required: bool = False      # by the protocol that owns it
    labels: tuple = None        # of an initialiser's parameters


@dataclass
class Use:
    """A name that is used: `chain` ends with it and begins where the expression or type does.

    A chain's steps are names; `self` and `Self` may be its first, and "" stands for a value that is not a name. `scope` is the type around
    it, `names` what is declared in the bodies and headers around it, with types where these are plainly written.
    """
    chain: tuple
    calls: tuple        # for each step: whether it is called or indexed
    scope: tuple
    names: dict
    line: int
    labels: tuple = None        # of the arguments, where the last step is called


@dataclass
class Source:
    path: str
    imports: list = field(default_factory=list)         # (module, line)
    declarations: list = field(default_factory=list)
    uses: list = field(default_factory=list)
    parents: dict = field(default_factory=dict)         # type -> [path of names], what it conforms to or inherits
    extensions: list = field(default_factory=list)      # (path as written, line)
    strings: set = field(default_factory=set)           # short texts in quotes


class _Scope:
    __slots__ = ("kind", "path", "names", "type_kind")

    def __init__(self, kind, path, names, type_kind=None):
        self.kind, self.path, self.names, self.type_kind = kind, path, names, type_kind


def read(path, text):
    return _Reader(path, text).source


class _Reader:
    def __init__(self, path, text):
        self.source = Source(path)
        self.source.strings = set(re.findall(r'"([\w./-]{1,60})"', text))
        text = blank(text)
        self.words, self.kinds, self.lines = [], [], []
        breaks = [found.start() for found in _LINE.finditer(text)]
        for found in _TOKEN.finditer(text):
            kind = found.lastindex
            if kind == 3:
                self.kinds.append("number")
            elif kind in (1, 4) or kind == 2 and found.group() not in KEYWORDS:
                self.kinds.append("name")
            elif kind == 2:
                self.kinds.append("keyword")
            else:
                self.kinds.append("mark")
            self.words.append(found.group(kind))
            self.lines.append(bisect.bisect_right(breaks, found.start()) + 1)
        self._split_marks()
        self.count = len(self.words)
        self.pairs = self._pairs()
        self._walk()

    def _split_marks(self):
        """Runs of operator characters that hold a `.` or angle brackets become tokens of their own."""
        words, kinds, lines = [], [], []
        for word, kind, line in zip(self.words, self.kinds, self.lines):
            if kind == "mark" and len(word) > 1 and word not in ("->", "...", "..<", "==", "!=", "<=", ">=", "&&", "||", "??"):
                if "..." in word or "..<" in word:
                    parts = re.findall(r"\.\.[.<]|.", word)
                elif "." in word or re.fullmatch(r"[<>?!=&]+", word):
                    parts = list(word)
                else:
                    parts = [word]
                for part in parts:
                    words.append(part), kinds.append("mark"), lines.append(line)
            else:
                words.append(word), kinds.append(kind), lines.append(line)
        self.words, self.kinds, self.lines = words, kinds, lines
        # A keyword behind a dot is a name (`.default`), and so are a label (`for:`, `in range:`) and a soft one where a value is named.
        for at in range(len(words)):
            if kinds[at] != "keyword" or words[at] in ("self", "Self", "init"):
                continue
            before = words[at - 1] if at else ""
            after, second = (*words[at + 1:at + 3], "", "")[:2]
            if before == "." or before in ("(", ",") and (after == ":" or second == ":" and kinds[at + 1] == "name") \
                    or words[at] in SOFT and after in (":", ".", "=", ","):
                kinds[at] = "name"

    def _pairs(self):
        """For each opening bracket its closing one, and the other way round."""
        pairs, stack = {}, []
        for at, word in enumerate(self.words):
            if word in "([{" and self.kinds[at] == "mark":
                stack.append(at)
            elif word in ")]}" and self.kinds[at] == "mark" and stack:
                start = stack.pop()
                pairs[start], pairs[at] = at, start
        return pairs

    def word(self, at):
        return self.words[at] if 0 <= at < self.count else ""

    def is_name(self, at):
        return 0 <= at < self.count and self.kinds[at] == "name"

    # Types and headers

    def skip_angles(self, at):
        """Behind the `>` that closes the `<` at `at`, or `at` where it opens no list of types."""
        depth, start = 0, at
        while at < self.count and at - start < 200:
            word = self.words[at]
            if word == "<":
                depth += 1
            elif word == ">":
                depth -= 1
                if depth == 0:
                    return at + 1
            elif word in "([" and self.kinds[at] == "mark":
                at = self.pairs.get(at, at)
            elif self.kinds[at] not in ("name", "keyword") and word not in (".", ",", ":", "&", "?", "==", "->", "@", "~"):
                return start
            at += 1
        return start

    def path_at(self, at):
        """A dotted path of names at `at`, generic arguments left out: (path, behind it)."""
        path = []
        while self.is_name(at) or self.word(at) in ("Self", "self") and not path:
            path.append(self.words[at])
            at += 1
            if self.word(at) == "<":
                at = self.skip_angles(at)
            if self.word(at) == "." and (self.is_name(at + 1)):
                at += 1
            else:
                break
        return tuple(path), at

    def type_at(self, at):
        """A plain type at `at`: (path, whether it is what a collection holds), ((), False) where it is not plain."""
        while self.word(at) in ("inout", "some", "any", "borrowing", "consuming", "sending", "isolated", "each") or self.word(at) == "@":
            at += 2 if self.word(at) == "@" else 1
        if self.word(at) == "[" and self.kinds[at] == "mark":
            end = self.pairs.get(at, at)
            path, behind = self.path_at(at + 1 + (self.word(at + 1) in ("any", "some")))
            if behind == end and path:
                return path, True
            return (), False
        path, behind = self.path_at(at)
        if self.word(behind) in ("&", "->", "..."):
            return (), False
        return path, False

    def generics(self, at):
        """Names of the generic parameters in the list at `at`, and what each must be."""
        names = {}
        end = self.skip_angles(at)
        if end == at:
            return names, at
        expect, depth = True, 0
        for index in range(at, end):
            word = self.words[index]
            depth += (word == "<") - (word == ">")
            if depth == 1 and word == ",":
                expect = True
            elif expect and self.is_name(index):
                bound = self.path_at(index + 2)[0] if self.word(index + 1) == ":" else ()
                names[word] = (bound, False)
                expect = False
        return names, end

    def parameters(self, start, end, names):
        """Parameters between parentheses: their local names, with types."""
        at = start
        while at < end:
            if self.words[at] in "([{" and self.kinds[at] == "mark":
                at = self.pairs.get(at, at) + 1
                continue
            if self.words[at] == ":" and self.kinds[at - 1] in ("name", "keyword"):
                names[self.words[at - 1]] = self.type_at(at + 1)
            at += 1

    def pattern(self, at, names, declare=None, scope=()):
        """The pattern behind `let` or `var`; names with the types that are plainly written or plainly made."""
        if self.word(at) == "(":
            for index in range(at + 1, self.pairs.get(at, at)):
                if self.is_name(index) and self.word(index - 1) != ".":
                    names[self.words[index]] = ((), False)
                    if declare:
                        declare(self.words[index], index, ((), False))
            return
        while self.is_name(at) or self.kinds[at] == "keyword" and self.word(at + 1) in (":", "=", ","):
            name, place = self.words[at], at
            kind = ((), False)
            at += 1
            if self.word(at) == ":":
                kind = self.type_at(at + 1)
            elif self.word(at) == "=":
                kind = self.value_type(at + 1, names)
            elif self.word(at) in ("{", ",", ";", "else", "}", ")"):
                kind = names.get(name, None) or ("same", name)
            names[name] = kind
            if declare:
                declare(name, place, kind)
            # Further bindings of one `let`, in one line.
            depth_at = at
            line = self.lines[place]
            while depth_at < self.count and self.lines[depth_at] == line and self.words[depth_at] not in ("{", "}", ";"):
                if self.words[depth_at] in "([" and self.kinds[depth_at] == "mark":
                    depth_at = self.pairs.get(depth_at, depth_at)
                if self.words[depth_at] == "," or self.words[depth_at] in ")]":
                    break
                depth_at += 1
            if self.word(depth_at) == "," and self.is_name(depth_at + 1) and self.word(depth_at + 2) in (":", "="):
                at = depth_at + 1
            else:
                return

    def value_type(self, at, names):
        """The type of a value that is plainly made: `T(…)`, `T.make(…)`, `x.y`; as ("value", chain, calls) to be looked up."""
        while self.word(at) in ("try", "await", "?", "!", "&"):
            at += 1
        if not (self.is_name(at) or self.word(at) in ("self", "Self")):
            return ((), False)
        chain, calls, _ = self.chain_at(at)
        return ("value", chain, calls)

    def chain_at(self, at):
        """An expression of names, dots, calls and indices at `at`: (names, whether each is called, [place of each])."""
        chain, calls, places = [], [], []
        while True:
            chain.append(self.words[at])
            places.append(at)
            called = False
            at += 1
            if self.word(at) == "<":
                end = self.skip_angles(at)
                if end != at and self.word(end) in ("(", ".", ")", ",", "]", ">", "?", "{", "=", ""):
                    at = end
            while at < self.count:
                if self.words[at] in "?!" and self.word(at + 1) in (".", "(", "["):
                    at += 1
                elif self.words[at] in ("(", "[") and self.kinds[at] == "mark" and self.lines[at] == self.lines[at - 1]:
                    called = "[" if self.words[at] == "[" else (called or "(")
                    at = self.pairs.get(at, at) + 1
                else:
                    break
            calls.append(called)
            if self.word(at) == "." and (self.is_name(at + 1) or self.word(at + 1) == "init"):
                at += 1
            else:
                return tuple(chain), tuple(calls), places

    # The walk

    def declare(self, name, owner, kind, at, found=((), False), private=False, required=False, labels=None):
        plain = found[0] not in ("value", "same", "element")
        self.source.declarations.append(Declaration(
            name, owner, kind, self.lines[at], found[0] if plain else (), private, plain and found[1], required,
            labels))

    def modifiers(self, at):
        """Words before a declaring keyword that belong to it."""
        found = set()
        at -= 1
        while at >= 0:
            if self.kinds[at] == "keyword" and self.words[at] not in ("else", "in", "return", "try", "case", "self"):
                found.add(self.words[at])
            elif self.words[at] == ")" and self.word(self.pairs.get(at, 0) - 1) in ("private", "public", "package", "nonisolated", "unowned",
                                                                                 "fileprivate", "internal"):
                at = self.pairs[at]
            elif self.kinds[at] == "name" and self.word(at - 1) == "@":
                at -= 1
            else:
                break
            at -= 1
        return found

    def _walk(self):
        scopes = [_Scope("file", (), {})]
        pending = None          # (opening brace's place or None, scope that it opens)
        opening = {}            # place of an opening brace -> scope
        at = 0
        consumed = set()        # places of names that are no uses
        while at < self.count:
            word, kind, scope = self.words[at], self.kinds[at], scopes[-1]
            if kind == "number":
                at += 1
                continue
            if kind == "mark":
                if word == "{":
                    new = opening.pop(at, None)
                    if new is None:
                        # A body, a closure, or accessors: what is declared in it stays in it.
                        names = dict(scope.names)
                        new = _Scope("body", scope.path, names)
                        self.closure(at, names, consumed)
                    scopes.append(new)
                elif word == "}" and len(scopes) > 1:
                    scopes.pop()
                elif word == "#" and self.word(at + 1) in ("if", "elseif"):
                    line = self.lines[at]
                    while at < self.count and self.lines[at] == line:
                        at += 1
                    continue
                at += 1
                continue
            if kind == "keyword" or word == "actor" and self.is_name(at + 1) and self.word(at - 1) != ".":
                if word == "import":
                    place = at + 1
                    if self.word(place) in TYPE_KEYWORDS | {"func", "var", "let", "typealias"}:
                        place += 1
                    self.source.imports.append((self.words[place], self.lines[at]))
                    line = self.lines[at]
                    while at < self.count and self.lines[at] == line:
                        at += 1
                    continue
                if word in TYPE_KEYWORDS and self.is_name(at + 1) and self.word(at - 1) != ".":
                    at = self.type_declaration(at, scope, opening, consumed)
                    continue
                if word in ("func", "init", "subscript", "deinit") and self.word(at - 1) != "." and (
                        word == "func" or scope.kind == "type" and self.word(at + 1) in ("(", "?", "!", "<", "{")):
                    at = self.function(at, scope, opening, consumed)
                    continue
                if word in ("let", "var"):
                    private = bool(self.modifiers(at) & {"private", "fileprivate"})
                    if scope.kind == "body":
                        self.pattern(at + 1, scope.names)
                        self.consume_pattern(at + 1, consumed)
                    else:
                        owner = scope.path if scope.kind == "type" else ()
                        self.pattern(at + 1, {}, lambda name, place, found: self.declare(
                            name, owner, "value", place, found, private, scope.type_kind == "protocol"))
                        self.consume_pattern(at + 1, consumed)
                elif word == "for" and scope.kind == "body":
                    self.loop(at, scope, consumed)
                elif word == "typealias" and self.is_name(at + 1):
                    equals = at + 2
                    while self.word(equals) != "=" and equals < self.count - 1 and equals < at + 40:
                        equals += 1
                    target = self.type_at(equals + 1)
                    self.declare(self.words[at + 1], scope.path if scope.kind == "type" else (), "alias", at + 1, target,
                                 bool(self.modifiers(at) & {"private", "fileprivate"}))
                    consumed.add(at + 1)
                elif word == "associatedtype" and self.is_name(at + 1):
                    bound = self.type_at(at + 3) if self.word(at + 2) == ":" else ((), False)
                    self.declare(self.words[at + 1], scope.path, "associated", at + 1, bound)
                    consumed.add(at + 1)
                elif word == "case" and scope.kind == "type" and scope.type_kind == "enum":
                    self.cases(at + 1, scope, consumed)
                at += 1
                if word not in ("self", "Self"):
                    continue
                at -= 1
            # A name, `self` or `Self`: the chain that begins here.
            if kind == "name" and at in consumed or self.word(at - 1) == "." and kind != "name":
                at += 1
                continue
            self.use(at, scopes[-1], consumed)
            at += 1

    def consume_pattern(self, at, consumed):
        if self.word(at) == "(":
            consumed.update(index for index in range(at, self.pairs.get(at, at)) if self.is_name(index))
        else:
            consumed.add(at)

    def closure(self, at, names, consumed):
        """Parameters of the closure that opens at `at`, if it is one that names any."""
        end = at + 1
        close = self.pairs.get(end, end)
        if self.word(end) == "[" and (self.word(close + 1) in ("in", "(") or self.is_name(close + 1) and self.word(close + 2) in ("in", ",")):
            # What it captures.
            for index in range(end + 1, close):
                if self.is_name(index) and self.word(index - 1) in ("[", ",", "weak", "unowned"):
                    names.setdefault(self.words[index], ((), False))
            end = close + 1
        if self.word(end) == "(":
            close = self.pairs.get(end, end)
            stop = close + 1
            while stop < self.count and stop < close + 12 and self.words[stop] not in ("in", "{", "}") and \
                    self.lines[stop] == self.lines[close]:
                stop += 1
            if self.word(stop) == "in":
                for index in range(end + 1, close):
                    if self.is_name(index) and self.word(index - 1) in ("(", ",") or self.is_name(index) and self.word(index + 1) == ":":
                        names[self.words[index]] = self.type_at(index + 2) if self.word(index + 1) == ":" else ((), False)
                        consumed.add(index)
            return
        first = end
        while self.is_name(end) and self.word(end + 1) == ",":
            end += 2
        if self.is_name(end) and self.word(end + 1) == "in":
            for index in range(first, end + 1):
                if self.is_name(index):
                    names[self.words[index]] = ((), False)
                    consumed.add(index)

    def loop(self, at, scope, consumed):
        stop = at + 1
        while self.word(stop) in ("try", "await", "case", "let", "var"):
            stop += 1
        first = stop
        while stop < self.count and self.words[stop] != "in" and stop < at + 40:
            stop += 1
        kind = ((), False)
        if stop == first + 1:
            made = self.value_type(stop + 1, scope.names)
            if made[0] == "value":
                kind = ("element", made[1], made[2])
        for index in range(first, stop):
            if self.is_name(index) and self.word(index - 1) != ".":
                scope.names[self.words[index]] = kind
                consumed.add(index)

    def cases(self, at, scope, consumed):
        while self.is_name(at) or self.kinds[at] == "keyword":
            self.declare(self.words[at], scope.path, "case", at, (scope.path, False))
            consumed.add(at)
            at += 1
            if self.word(at) == "(":
                close = self.pairs.get(at, at)
                for index in range(at, close):
                    if self.is_name(index) and self.word(index + 1) == ":":
                        consumed.add(index)
                at = close + 1
            if self.word(at) == "=":
                at += 1
                if self.word(at) == "-":
                    at += 1
                at += self.word(at) != ","
            if self.word(at) != ",":
                return
            at += 1

    def type_declaration(self, at, scope, opening, consumed):
        kind, start = self.words[at], at
        private = bool(self.modifiers(at) & {"private", "fileprivate"})
        path, behind = self.path_at(at + 1)
        # A generic list right behind the name.
        generics = {}
        name_end = at + 1
        if kind != "extension":
            path = (self.words[at + 1],)
            behind = at + 2
            if self.word(behind) == "<":
                generics, end = self.generics(behind)
                for index in range(behind, end):
                    if self.is_name(index) and self.words[index] in generics and self.word(index - 1) in ("<", ","):
                        consumed.add(index)
                behind = end
            consumed.add(name_end)
        base = scope.path if scope.kind == "type" or scope.kind == "body" else ()
        if kind == "extension":
            full = path
            self.source.extensions.append((path, self.lines[at]))
        else:
            full = base + path
            if scope.kind != "body":
                self.declare(path[0], base if scope.kind == "type" else (), "type", at + 1, (full, False), private)
                for name, bound in generics.items():
                    self.declare(name, full, "generic", at + 1, bound)
            else:
                scope.names[path[0]] = ((), False)
        parents = self.source.parents.setdefault(full, [])
        end = behind
        if self.word(end) == ":":
            end += 1
            while end < self.count and self.words[end] not in ("{", "where"):
                parent, next_end = self.path_at(end)
                if parent:
                    parents.append(parent)
                end = max(next_end, end + 1)
        # `extension P where Self: Q`
        brace = end
        while brace < self.count and not (self.words[brace] == "{" and self.kinds[brace] == "mark"):
            if self.words[brace] == "Self" and self.word(brace + 1) == ":":
                parents.append(self.path_at(brace + 2)[0])
            brace += 1
        names = dict(scope.names) if scope.kind == "body" else {}
        names.update(generics)
        opening[brace] = _Scope("type" if scope.kind != "body" else "body", full if scope.kind != "body" else scope.path, names, kind)
        inner = opening[brace]
        header = _Scope("body", base if kind != "extension" else (), dict(names))
        index = start + 1
        while index < brace:
            if self.is_name(index) and index not in consumed:
                self.use(index, header, consumed)
            index += 1
        return brace if brace in opening and inner else brace

    def function(self, at, scope, opening, consumed):
        word = self.words[at]
        names = dict(scope.names) if scope.kind == "body" else {
            name: kind for name, kind in scope.names.items()}
        index = at + 1
        name_at = at
        if word == "func":
            name_at = index
            consumed.add(index)
            index += 1
            while self.kinds[name_at] == "mark" and self.word(index) not in ("(", "<"):
                index += 1
        while self.word(index) in ("?", "!"):
            index += 1
        if self.word(index) == "<":
            generics, end = self.generics(index)
            for place in range(index, end):
                if self.is_name(place) and self.words[place] in generics and self.word(place - 1) in ("<", ","):
                    consumed.add(place)
            names.update(generics)
            index = end
        opens = index
        returned = ((), False)
        if self.word(index) == "(":
            close = self.pairs.get(index, index)
            self.parameters(index + 1, close, names)
            for place in range(index, close):
                if (self.is_name(place) or self.kinds[place] == "keyword") and self.word(place - 1) in ("(", ",") and (
                        self.word(place + 1) == ":" or self.word(place + 2) == ":"):
                    consumed.update((place, place + 1))
            end = close + 1
        else:
            close, end = index, index
        # Behind the parameters: effects, what is returned, requirements, a body or none.
        stop = end
        while stop < self.count:
            token = self.words[stop]
            if token == "->":
                returned = self.type_at(stop + 1)
            if token == "{" and self.kinds[stop] == "mark":
                opening[stop] = _Scope("body", scope.path, names)
                break
            if token in "([" and self.kinds[stop] == "mark":
                stop = self.pairs.get(stop, stop)
            elif token == "}" or token in (
                    "func", "var", "let", "init", "subscript", "static", "associatedtype", "typealias", "case", "public", "package",
                    "private", "mutating", "@", "struct", "enum", "class", "extension", "protocol", "final", "import", "internal") and \
                    self.word(stop - 1) != ".":
                if not (token == "@" and self.word(stop - 1) in ("->", "(", ":")):
                    break
            stop += 1
        if word in ("func", "init", "subscript") and scope.kind != "body":
            private = bool(self.modifiers(at) & {"private", "fileprivate"})
            self.declare(self.words[name_at], scope.path if scope.kind == "type" else (), "func", name_at, returned, private,
                         scope.type_kind == "protocol", self.labels(opens) if word == "init" and self.word(opens) == "(" else None)
        elif word == "func":
            scope.names[self.words[name_at]] = returned
        header = _Scope("body", scope.path, names)
        place = at + 1
        while place < stop:
            if (self.is_name(place) or self.words[place] in ("self", "Self")) and place not in consumed:
                self.use(place, header, consumed)
            place += 1
        return stop

    def use(self, at, scope, consumed):
        before = self.word(at - 1)
        if self.kinds[at] == "name":
            # A label of an argument, or of a parameter of a function's type.
            if self.word(at + 1) == ":" and before in ("(", ",") and self.in_parentheses(at):
                return
            if before in ("#", "\\"):
                return
        if before == "." and not (at >= 2 and self.word(at - 2) in (")", "]", "}", "?", "!", ">") or
                                  at >= 2 and self.kinds[at - 2] in ("name", "number", "keyword")):
            # An implicit member, or what follows a text.
            chain, calls, places = self.chain_at(at)
            chain, calls, places = ("",) + chain, (False,) + calls, [at] + places
        elif before == ".":
            # Behind a call or an index that no chain has taken along.
            chain, calls, places = self.chain_at(at)
            chain, calls, places = ("",) + chain, (False,) + calls, [at] + places
        else:
            chain, calls, places = self.chain_at(at)
        for index, place in enumerate(places):
            if chain[0] == "" and index == 0:
                continue
            consumed.add(place)
            labels = None
            if calls[index] == "(":
                opens = place + 1
                if self.word(opens) == "<":
                    opens = self.skip_angles(opens)
                if self.word(opens) == "(":
                    labels = self.labels(opens)
            self.source.uses.append(Use(
                chain[:index + 1], calls[:index + 1], scope.path, scope.names, self.lines[place], labels))

    def labels(self, at):
        """Labels of the arguments or parameters in the parentheses at `at`, "_" where there is none."""
        labels, end, start = [], self.pairs.get(at, at), True
        at += 1
        while at < end:
            if start:
                labels.append(self.words[at] if self.word(at + 1) == ":" or self.word(at + 2) == ":" and self.is_name(at + 1) else "_")
                start = False
            if self.words[at] in "([{" and self.kinds[at] == "mark":
                at = self.pairs.get(at, at)
            elif self.words[at] == "<":
                at = max(self.skip_angles(at) - 1, at)
            elif self.words[at] == ",":
                start = True
            at += 1
        return tuple(labels)

    def in_parentheses(self, at):
        depth_at = at - 1
        while depth_at >= 0:
            if self.words[depth_at] in ")]}" and self.kinds[depth_at] == "mark":
                depth_at = self.pairs.get(depth_at, depth_at)
            elif self.words[depth_at] in "([{" and self.kinds[depth_at] == "mark":
                return self.words[depth_at] == "("
            depth_at -= 1
        return False
