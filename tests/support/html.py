"""Reading pages as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser


class Html(HTMLParser):
    """What a page refers to, its forms, its text, and the code and styles inside it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.forms: list[str] = []
        self.inline: list[str] = []
        self.headings: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            if name in ("src", "href"):
                self.references.append(value or "")
            elif name == "action":
                self.forms.append(value or "")
            elif name == "style" or name.startswith("on"):
                self.inline.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and data.strip():
            self.inline.append(data)
        elif self._inside == "h1":
            self.headings.append(data.strip())
        self.text += data
