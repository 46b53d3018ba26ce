"""Two laws of the house for tests/test_architecture.py, to be moved there when every room has its
face; until then nothing collects them. ``python tests/_faces_pending.py`` lists who breaks them.
"""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "diarfix"
MODULES = sorted(PACKAGE.rglob("*.py"))
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
    """The names in ``__all__`` of a room, None if it has none."""
    for node in ast.parse(NAMES[room].read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            return set(ast.literal_eval(node.value))
    return None


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
            elif name and name not in (faces[room] or ()):
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


if __name__ == "__main__":
    told = [f"{name}: {', '.join(modules)}" for name, modules in defined_twice().items()]
    raise SystemExit("\n".join([*past_a_face(), *told]))
