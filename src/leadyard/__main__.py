"""`python -m leadyard`."""

from leadyard.cli.main import main

main()
