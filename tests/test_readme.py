"""Every block of README.md and docs/*.md that says ``bash`` or ``python`` runs as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    for page in PAGES:
        for n, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1):
            name = f"{page.relative_to(ROOT)}-{n}"
            yield pytest.param(match[1], match[2], id=name)


@pytest.mark.parametrize(("language", "code"), list(blocks()))
def test_block_runs(language, code, tmp_path):
    """Run a block in an empty folder that holds the examples and the corpus."""
    for folder in ("examples", "corpus"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    program = ["bash", "-eu", "-c", code] if language == "bash" else [sys.executable, "-c", code]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    cache = str(tmp_path / "cache")
    done = subprocess.run(
        program,
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "DIARFIX_CACHE": cache, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_pages_have_blocks():
    """A change of fences must not leave nothing to run."""
    assert sum(len(BLOCK.findall(p.read_text(encoding="utf-8"))) for p in PAGES) >= 3


def test_readme_is_short():
    """Under 200 lines, as promised to those who read it."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200
