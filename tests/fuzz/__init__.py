"""Requests that nobody would send, against the application in this process: `python -m tests.fuzz`."""
