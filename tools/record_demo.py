"""Draws docs/images/demo.svg, the picture in the README: runs examples/demo.py and keeps what it prints.

    python tools/record_demo.py

Times, the name of the folder and ids differ from run to run. The picture loads nothing: its font is the
reader's own.
"""

from __future__ import annotations

import io
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/images/demo.svg"
COLUMNS = 100
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
# What rich's own template loads or names beyond the picture itself.
_WEB_FONT = re.compile(r"\s*@font-face \{[^}]*\}")
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)


def record() -> Console:
    """Runs the demonstration on a console that remembers."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS)
    run = subprocess.run

    def run_and_print(*arguments: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        ended = run(*arguments, **options, stdout=subprocess.PIPE, text=True)
        console.print(ended.stdout, end="", highlight=False)
        return ended

    with (
        mock.patch("rich.console.Console", return_value=console),
        mock.patch("subprocess.run", run_and_print),
    ):
        runpy.run_path(str(ROOT / "examples/demo.py"), run_name="__main__")
    return console


def draw(console: Console) -> str:
    """The picture, without anything that a browser would fetch."""
    svg = console.export_svg(title="make demo", unique_id="demo")
    svg = _COMMENT.sub("", _WEB_FONT.sub("", svg))
    return svg.replace("Fira Code, monospace", FONTS)


def main() -> None:
    """Writes the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(record()), encoding="utf-8")


if __name__ == "__main__":
    main()
