"""Whether the licenses of all packages that Leadyard runs with are such that it may be given away with them.

`python tools/check_licenses.py` looks at what is installed of requirements/otel.txt, by the packages' own
words.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

LOCKED = Path(__file__).parents[1] / "requirements/otel.txt"
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CNRI-Python",
    "ISC",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
"""Permissive ones, and those that ask only for changes of their own: nothing of a package is copied here."""

WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What older packages say, and the identifier (SPDX) of what they mean."""


def locked_names(text: str) -> list[str]:
    """The packages of a lock file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)


def licenses_of(package: metadata.PackageMetadata) -> set[str]:
    """What a package says of itself: an expression, else classifiers, else a word."""
    expression = package.get("License-Expression")
    if expression:
        return {word for word in re.split(r"[\s()]+|\bAND\b|\bOR\b|\bWITH\b", expression) if word}
    found = {
        name.rpartition(" :: ")[2]
        for name in package.get_all("Classifier") or []
        if name.startswith("License :: ") and name != "License :: OSI Approved"
    }
    said = found or {(package.get("License") or "").partition("\n")[0].strip()}
    return {WORDS.get(name, name) for name in said}


def main() -> int:
    """Prints what is not allowed; 1 if there is anything."""
    faults, count = [], 0
    for name in locked_names(LOCKED.read_text("utf-8")):
        try:
            licenses = licenses_of(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            continue  # For another platform or version of Python.
        count += 1
        if not licenses or not licenses <= ALLOWED:
            faults.append(f"{name}: {', '.join(sorted(licenses - ALLOWED)) or 'says nothing'}")
    for fault in faults:
        sys.stderr.write(f"License to be looked at: {fault}\n")
    sys.stdout.write(f"Licenses of {count} packages: {'not all are allowed' if faults else 'all allowed'}.\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
