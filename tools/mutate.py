#!/usr/bin/env python3
"""A mutation run: changes one operator, constant or condition of a protocol core at a time and asks its tests whether they notice.

    tools/mutate.py [--jobs N] [--sample N] [--lines A-B] FILE...     (no FILE: all of tools/cores.txt)

A mutant that no test kills survives. Survivors that the optimiser compiles to the same code are no mutants (equivalent) and not counted.
What survives for a good reason stands in tests/mutation/survivors.txt, `FILE | LINE'S TEXT | CHANGE | reason`; any other is an error.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import cores

UNDEFINED = ("-fsanitize=undefined", "-fsanitize-undefined-trap-on-error")
REASONS = cores.ROOT / "tests/mutation/survivors.txt"
# Binary operators are told from unary ones and from pointers by the blanks around them, which clang-format sets.
SWAPS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"],
    "&&": ["||"], "||": ["&&"], "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="], "*=": ["/="], "/=": ["*="], "<<=": [">>="], ">>=": ["<<="],
}
TOKEN = re.compile(
    r"""(?P<skip>/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)"""
    r"""|(?P<char>'(?:\\.|[^'\\])+')|(?P<number>\b(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)[uUlLfF]*\b)"""
    r"""|(?P<op>(?<=[ \t])(?:<<=|>>=|<=|>=|==|!=|<<|>>|&&|\|\||\+=|-=|\*=|/=|\|=|&=|[-+*/%<>&|^])(?=[ \n]))|(?P<step>\+\+|--)"""
    r"""|(?P<if>\b(?:if|while)[ ]\()|(?P<bool>\b(?:true|false)\b)|(?P<not>!(?=[\w(]))""",
    re.S | re.M | re.X)
Mutant = collections.namedtuple("Mutant", "file line text change source")


def closing(text, at):
    """Index after the bracket that closes the one at text[at]."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return at + 1


def changes(text, found):
    """(start, end, replacement) for one token."""
    start, end, word = found.start(), found.end(), found.group()
    if found.lastgroup == "op":
        return [(start, end, new) for new in SWAPS.get(word, [])]
    if found.lastgroup == "step":
        return [(start, end, "--" if word == "++" else "++")]
    if found.lastgroup == "bool":
        return [(start, end, "false" if word == "true" else "true")]
    if found.lastgroup == "not":
        return [(start, end, "")]
    if found.lastgroup == "if":
        stop = closing(text, end - 1)
        return [(end, stop - 1, f"!({text[end:stop - 1]})")]
    if found.lastgroup == "char":
        return [(start, end, f"({word} + 1)")]
    if found.lastgroup == "number":
        return [(start, end, f"({word} + 1)")] if not re.fullmatch(r"0[uUlL]*", word) else [(start, end, "1")]
    return []


def mutants(file, lines):
    text = (cores.ROOT / file).read_text()
    rows = text.split("\n")
    seen = collections.Counter()
    for found in TOKEN.finditer(text):
        if found.lastgroup == "skip":
            continue
        number = text.count("\n", 0, found.start()) + 1
        row = rows[number - 1]
        if lines and not lines[0] <= number <= lines[1] or "static_assert" in row:
            continue
        for start, end, new in changes(text, found):
            old = text[start:end]
            name = f"{old if found.lastgroup != 'if' else found.group() + '...)'} -> {new if found.lastgroup != 'if' else 'negated'}"
            key = (row.strip(), name)
            seen[key] += 1
            yield Mutant(file, number, row.strip(), name + (f" #{seen[key]}" if seen[key] > 1 else ""), text[:start] + new + text[end:])


class Bench:
    """The cores as one shared library; a mutant is a library of one file that is loaded before it."""

    def __init__(self, tests):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="telltale-mutate-"))
        self.commands = cores.compile_commands()
        self.core = [f for f in self.commands if f.startswith("firmware/proto/") and f.endswith(".c")]
        self.base = [f for f in self.commands if f.startswith("base/") and f.endswith(".c")]
        self.objects = {}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for file, obj in pool.map(lambda f: (f, self.compile(f, cores.ROOT / f, self.dir / (f.replace("/", "_") + ".o"))), self.core + self.base):
                self.objects[file] = obj
        self.link_library(self.dir / "libcore.so", self.objects.values())
        self.tests = {}
        self.kills = collections.Counter()  # (file, test): who killed the mutants of a file is asked first about its next one
        sources = self.test_sources()
        for test in tests:
            if sources.get(test.name):
                self.tests[test.name] = self.link_test(test, sources[test.name])

    def compile(self, file, source, obj, extra=()):
        # As in every other test run, what is undefined (an index past the end, a shift too far) is a failure; here it needs no words.
        args = [*self.commands[file], "-w", "-fPIC", "-O0", "-g0", *(extra or UNDEFINED), "-c", str(source), "-o", str(obj)]
        done = subprocess.run(args, cwd=cores.BUILD, capture_output=True, text=True)
        return obj if done.returncode == 0 else None

    def link_library(self, out, objects):
        done = subprocess.run(["gcc", "-shared", "-o", str(out), *map(str, objects), "-lm"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)

    def test_sources(self):
        """Test's name -> its own sources, read from the build."""
        table = {}
        for test_object in cores.BUILD.rglob("*.gcno"):
            parts = test_object.parts
            for part in parts:
                if part.endswith(".dir") and cores.TESTS.match(part):
                    relative = os.path.relpath(test_object, cores.BUILD).replace(f"CMakeFiles/{part}/", "").removesuffix(".gcno")
                    relative = os.path.normpath(relative.replace("__/", "../"))
                    source = relative if relative.endswith(".c") else relative.removesuffix(".o")
                    table.setdefault(part.removesuffix(".dir"), []).append(source)
        return table

    def link_test(self, test, sources):
        objs = []
        for source in sources:
            if not (cores.ROOT / source).exists():
                continue
            obj = self.compile(source, cores.ROOT / source, self.dir / (test.name + "_" + source.replace("/", "_") + ".o"))
            if obj is None:
                sys.exit(f"{source} does not compile")
            objs.append(str(obj))
        out = self.dir / test.name
        done = subprocess.run(["gcc", "-o", str(out), *objs, f"-L{self.dir}", "-lcore", "-lcmocka", "-lm", "-lpthread"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{test.name}: {done.stderr[-2000:]}")
        env = dict(test.env, LD_LIBRARY_PATH=str(self.dir))
        began = time.monotonic()
        done = subprocess.run([str(out), *test.command[1:]], env=env, capture_output=True, cwd=cores.BUILD)
        if done.returncode:
            sys.exit(f"{test.name} fails without any mutant: {done.stderr[-500:]}")
        return [str(out), *test.command[1:]], test.env, time.monotonic() - began

    def same_code(self, mutant, where):
        """What the optimiser makes equal is equal."""
        digests = []
        source = where / os.path.basename(mutant.file)
        for text in (mutant.source, (cores.ROOT / mutant.file).read_text()):
            source.write_text(text)
            obj = self.compile(mutant.file, source, where / "o.o", ("-O2", "-DNDEBUG"))
            if obj is None:
                return False
            # Code with its relocations and what every section holds: a table that differs is no equal program.
            shown = subprocess.run(["objdump", "-drs", "--no-show-raw-insn", str(obj)], capture_output=True).stdout
            digests.append(hashlib.sha256(shown).digest())
        return digests[0] == digests[1]

    def judge(self, mutant, chosen):
        """killed, survived, equivalent, uncompilable or unreached."""
        if not chosen:
            return "unreached"
        with tempfile.TemporaryDirectory(dir=self.dir) as folder:
            where = pathlib.Path(folder)
            source = where / os.path.basename(mutant.file)
            source.write_text(mutant.source)
            obj = self.compile(mutant.file, source, where / "m.o")
            if obj is None:
                return "uncompilable"
            self.link_library(where / "mutant.so", [obj])
            preload = {"LD_LIBRARY_PATH": str(self.dir), "LD_PRELOAD": str(where / "mutant.so")}
            for name in sorted(chosen, key=lambda n: -self.kills[mutant.file, n]):
                command, env, seconds = self.tests[name]
                try:
                    done = subprocess.run(command, env=dict(env, **preload), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cores.BUILD, timeout=20 * seconds + 5)
                except subprocess.TimeoutExpired:
                    return "killed"
                if done.returncode:
                    self.kills[mutant.file, name] += 1
                    return "killed"
            return "equivalent" if self.same_code(mutant, where) else "survived"


def reach(tests):
    """(file, line) -> names of the tests that run it, the quickest first."""
    table = collections.defaultdict(list)
    for test in tests:
        cores.forget_counts()
        began = time.monotonic()
        subprocess.run(test.command, env=test.env, cwd=cores.BUILD, capture_output=True)
        seconds = time.monotonic() - began
        for file, (lines, _) in cores.counts().items():
            for line, count in lines.items():
                if count:
                    table[file, line].append((seconds, test.name))
    return {key: [name for _, name in sorted(value)] for key, value in table.items()}


def known():
    if not REASONS.exists():
        return {}
    rows = [line.split(" | ") for line in REASONS.read_text().splitlines() if line and not line.startswith("#")]
    return {(file, text, change): reason for file, text, change, reason in rows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--sample", type=int, default=0, help="take every Nth mutant only")
    parser.add_argument("--lines", help="A-B: mutants of these lines only")
    args = parser.parse_args()
    files = args.files or cores.core_files()
    lines = tuple(map(int, args.lines.split("-"))) if args.lines else None
    tests = cores.tests()
    table = reach(tests)
    bench = Bench(tests)
    # A constant in a table or a declaration has no line of its own: every test of the file is asked.
    own_line = lambda m: (m.file, m.line) in table and ("{" not in m.text or m.text.startswith(("if", "for", "while")))
    tests_of = lambda m: [n for n in (table[m.file, m.line] if own_line(m) else all_of[m.file]) if n in bench.tests]
    all_of = {f: sorted({n for (g, _), names in table.items() if g == f for n in names}) for f in files}
    reasons, new, total = known(), [], collections.Counter()
    try:
        for file in files:
            todo = list(mutants(file, lines))[:: args.sample or 1]
            with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
                verdicts = list(pool.map(lambda m: bench.judge(m, tests_of(m)), todo))
            tally = collections.Counter(verdicts)
            left = [m for m, v in zip(todo, verdicts) if v in ("survived", "unreached")]
            unexplained = [m for m in left if (m.file, m.text, m.change) not in reasons]
            new += unexplained
            total.update(tally)
            counted = tally["killed"] + len(left)
            print(f"{file:40} {counted:5} mutants, {tally['killed']:5} killed ({100 * tally['killed'] / max(1, counted):5.1f} %), {len(left)} survive, {len(unexplained)} of them without a reason; "
                  f"{tally['equivalent']} equivalent, {tally['uncompilable']} do not compile", flush=True)
            for m in unexplained:
                print(f"    {m.file}:{m.line} | {m.text} | {m.change}", flush=True)
    finally:
        shutil.rmtree(bench.dir, ignore_errors=True)
    counted = total["killed"] + total["survived"] + total["unreached"]
    print(f"all: {counted} mutants, {total['killed']} killed ({100 * total['killed'] / max(1, counted):.1f} %), {len(new)} survivors without a reason")
    if new:
        sys.exit(1)


main()
