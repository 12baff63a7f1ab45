"""A service in earnest under steady work, while things around it break: `python -m tests.chaos`."""
