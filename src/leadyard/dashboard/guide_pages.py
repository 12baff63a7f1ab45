"""The Markdown pages of the documentation as HTML: which there are, and where their links lead."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

GUIDE = "/docs/guide"
INDEX = "docs/index.md"
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
TOP_PAGES = {
    "readme": "README.md",
    "architecture": "ARCHITECTURE.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
}
"""Pages in the root of the repository, by the names that they have in the guide."""

_PACKAGED = Path(__file__).parents[1] / "guide"
_SOURCE = Path(__file__).parents[3]
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_COMMENT = re.compile(r"^<!--.*-->\n", re.MULTILINE)
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


class GuidePage(msgspec.Struct, frozen=True):
    """A page, and its headings of the second level: the name of each and its words."""

    title: str
    body: Markup
    headings: tuple[tuple[str, str], ...]


def root() -> Path:
    """Where README.md and docs/ lie: in the package, or around the source that runs."""
    return _PACKAGED if _PACKAGED.is_dir() else _SOURCE


@cache
def list_pages() -> dict[str, str]:
    """Every page, by its name in the guide, with its path from the root."""
    base = root()
    found = {name: path for name, path in TOP_PAGES.items() if (base / path).exists()}
    for path in sorted((base / "docs").rglob("*.md")):
        found[path.relative_to(base / "docs").with_suffix("").as_posix()] = path.relative_to(base).as_posix()
    return found


def find_picture(name: str) -> Path | None:
    """A picture of the documentation."""
    folder, _, file = name.rpartition("/")
    path = root() / "docs" / "images" / file
    return path if folder == "images" and path.suffix in MEDIA_TYPES and path.is_file() else None


def render_page(name: str) -> GuidePage | None:
    """A page as HTML; None if there is none of this name, of which nothing is kept."""
    path = list_pages().get(name)
    return None if path is None else _render_file(path)


@cache
def _render_file(path: str) -> GuidePage:
    """A file as a page. What it links to outside the guide is text."""
    tokens = _PARSER.parse(_COMMENT.sub("", (root() / path).read_text("utf-8")))
    headings = list(_name_headings(tokens))
    for token in tokens:
        if token.children:
            token.children = list(_rewrite(token.children, path))
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    for wide in ("<pre>", "<table>"):
        # What scrolls sideways has to be reached by keyboard. HTML of the page itself is escaped.
        html = html.replace(wide, f'{wide[:-1]} tabindex="0">')
    body = Markup(html)  # noqa: S704
    title = next((words for level, _, words in headings if level == "h1"), "Documentation")
    seconds = tuple((anchor, words) for level, anchor, words in headings if level == "h2")
    return GuidePage(title, body, seconds)


def target(href: str, path: str) -> str | None:
    """Where a link of a page leads in the guide; None for what only the repository has."""
    if _ADDRESS.match(href) or href.startswith("/"):
        return href
    place, _, anchor = href.partition("#")
    suffix = f"#{anchor}" if anchor else ""
    if not place:
        return suffix
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
    if file == INDEX:
        return GUIDE + suffix
    for name, known in list_pages().items():
        if known == file:
            return f"{GUIDE}/{name}{suffix}"
    picture = file.removeprefix("docs/")
    return f"{GUIDE}/{picture}" if find_picture(picture) else None


def _name_headings(tokens: list[Token]) -> Iterator[tuple[str, str, str]]:
    """Gives headings the names that the forge gives them; level, name and words of each."""
    taken: set[str] = set()
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(child.content for child in inline.children or ())
            wanted = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            number, anchor = 0, wanted
            while anchor in taken:
                number += 1
                anchor = f"{wanted}-{number}"
            taken.add(anchor)
            token.attrSet("id", anchor)
            yield token.tag, anchor, words


def _rewrite(children: list[Token], path: str) -> Iterator[Token]:
    """The parts of a line with links that lead on; a link that leads nowhere here loses its tags."""
    is_dropped = False
    for token in children:
        if token.type == "link_open":
            href = target(str(token.attrGet("href")), path)
            is_dropped = href is None
            token.attrSet("href", href or "")
        elif token.type == "image":
            token.attrSet("src", target(str(token.attrGet("src")), path) or "")
        if not (is_dropped and token.type in ("link_open", "link_close")):
            yield token
