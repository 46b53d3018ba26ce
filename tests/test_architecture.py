"""The shape of the code: which module may know which, what loads when, who prints, how long."""

import ast
import json
import subprocess
import sys
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
