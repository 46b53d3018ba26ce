"""The shape of the code: which module may know which, what loads when, who prints, how long."""

import ast
import importlib
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from diarfix.config import METHODS, Settings, knob_specs

PACKAGE = Path(__file__).parent.parent / "diarfix"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: The only modules that print.
PRINTERS = {
    PACKAGE / "__main__.py",
    PACKAGE / "cli" / "__init__.py",
    PACKAGE / "cli" / "console.py",
}
#: Past this nobody reads a module in one go.
LONGEST = 330
HEAVY = ("scipy", "torch", "pyannote", "meeteval", "soundfile", "soxr", "onnxruntime", "wespeaker")


def test_import_contracts_hold():
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=PACKAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def imports_of(path, modules):
    """The modules of the package that a file imports when it runs, at its top or in a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from inner & modules
            if inner - modules and node.module in modules:
                yield node.module


def test_there_is_no_import_circle():
    names = {
        ".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): p
        for p in MODULES
    }
    arrows = {name: {*imports_of(path, names.keys())} - {name} for name, path in names.items()}
    assert sum(map(len, arrows.values())) > 300
    while leaves := {name for name, known in arrows.items() if not known & arrows.keys()}:
        arrows = {name: known for name, known in arrows.items() if name not in leaves}
    assert not arrows, "in a circle, or above one"


def loaded_by(*arguments, cwd):
    """Top-level packages that a call of the command line has loaded when it ends."""
    code = (
        "import sys, json\n"
        "from diarfix.cli import app\n"
        "try:\n    app(sys.argv[1:])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "print(json.dumps([code, sorted({m.split('.')[0] for m in sys.modules})]), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd, capture_output=True, text=True, check=True,
    )  # fmt: skip
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert not status
    return set(modules)


@pytest.mark.parametrize("arguments", [("--help",), ("smooth", "--help"), ("score", "--help")])
def test_help_loads_no_numpy(arguments, tmp_path):
    assert loaded_by(*arguments, cwd=tmp_path).isdisjoint({"numpy", *HEAVY})


@pytest.mark.parametrize("method", METHODS)
def test_smooth_loads_nothing_heavy(method, tmp_path):
    words = [{"word": "w", "start": i, "end": i + 1, "speaker": "AAABAAA"[i]} for i in range(7)]
    (tmp_path / "talk.json").write_text(json.dumps(words), encoding="utf-8")
    options = ("--method", method, "-o", "out.json", "--changes", "c.jsonl", "--rttm", "r.rttm")
    found = loaded_by("smooth", "talk.json", *options, cwd=tmp_path)
    assert "numpy" in found
    assert found.isdisjoint(HEAVY)
    assert found.isdisjoint({"asyncio", "http", "ssl", "pandas"})


def test_the_library_loads_no_heavy_package_by_being_imported():
    code = "import sys, diarfix; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {m.split(".")[0] for m in done.stdout.split()}.isdisjoint(HEAVY)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_console_prints_and_no_module_is_too_long(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    if path not in PRINTERS:
        calls = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
        names = {f.id for f in calls if isinstance(f, ast.Name)}
        assert "print" not in names


def test_every_setting_is_an_option_of_some_command_and_every_default_is_in_range():
    from diarfix.cli import COMMANDS, load_command

    commands = {name: load_command(name) for name in COMMANDS}
    offered = {o for c in commands.values() for p in c.params for o in p.opts}
    knobs = {"--" + name.replace("_", "-") for name in Settings().flat()}
    # The library pipeline's own switch: `recheck` is that switch on the command line.
    assert knobs - offered <= {"--acoustic-recheck-enabled"}
    assert all(spec.allows(spec.default) for spec in knob_specs().values())
    smooth = {o for p in commands["smooth"].params for o in p.opts}
    groups = {s.name for s in knob_specs().values() if s.group in {"", *METHODS}}
    assert {"--" + name.replace("_", "-") for name in groups} <= smooth


#: Folders whose face (``__init__`` with ``__all__``) is all that is known outside them.
ROOMS = {
    *(path.parent.name for path in PACKAGE.glob("*/__init__.py")),
    "core.smooth", "core.voice", "report.html",
}  # fmt: skip
#: Names that several modules define because somebody calls them by that name.
PROTOCOL = frozenset()


def dotted(path):
    """``core.smooth.path`` of a file, ``core.smooth`` of a face."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path): path for path in MODULES}


def room_of(module):
    """The innermost room that is, or holds, a module; "" for those of the top level."""
    parts = module.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((p for p in prefixes if p in ROOMS), "")


def imports(path, tree):
    """``(line, module, name)`` of every import of ours, ``name`` "" for a module as a whole."""
    here = dotted(path).split(".") if dotted(path) else []
    package = here if path.name == "__init__.py" else here[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("diarfix."):
                    yield node.lineno, alias.name.removeprefix("diarfix."), ""
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".") if node.module else []
            if node.level:
                module = [*package[: len(package) - node.level + 1], *module]
            elif module[0] != "diarfix":
                continue
            else:
                module = module[1:]
            for alias in node.names:
                inner = ".".join([*module, alias.name])
                # A name that is a file is that module, not something in the face.
                yield (
                    node.lineno,
                    *((inner, "") if inner in NAMES else (".".join(module), alias.name)),
                )


def face(room):
    """The names that a room offers."""
    return set(importlib.import_module(f"diarfix.{room}").__all__)


def past_a_face():
    """Imports that go past a room's face, or take from it what it does not offer."""
    found, faces = [], {room: face(room) for room in ROOMS}
    for path in MODULES:
        mine = dotted(path)
        for line, module, name in imports(path, ast.parse(path.read_text(encoding="utf-8"))):
            room = room_of(module)
            if not room or f"{mine}.".startswith(f"{room}."):
                continue
            if module != room:
                found.append(f"{mine}:{line} imports {module}, which is inside {room}")
            elif name and name not in faces[room]:
                found.append(f"{mine}:{line} imports {name}, which {room} does not offer")
    return found


def defined_twice():
    """``{name: modules}`` of public top-level names with more than one definition."""
    book = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names = [node.target.id]
            else:
                names = []
            for name in names:
                if not name.startswith("_") and dotted(path) not in book[name]:
                    book[name].append(dotted(path))
    return {n: at for n, at in sorted(book.items()) if len(at) > 1 and n not in PROTOCOL}


def test_only_the_face_of_a_room_is_known_outside_it():
    assert past_a_face() == []


def test_no_public_name_is_defined_twice():
    assert defined_twice() == {}
