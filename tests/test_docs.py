"""The pages under docs/commands are the commands' own help."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_command_pages_are_up_to_date():
    """``make docs`` writes them; a changed option without it fails here."""
    build = ROOT / "docs" / "build.py"
    done = subprocess.run([sys.executable, str(build), "--check"], check=False)
    assert done.returncode == 0, "run `make docs`"


def test_every_link_between_pages_leads_somewhere():
    """A renamed page must not leave dead links."""
    import re

    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
