"""Leadyard: self-hosted lead lists over HTTP."""

from importlib.metadata import version

__version__ = version("leadyard")
