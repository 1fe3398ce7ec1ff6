"""`python -m scenarios.cli`, where the command is not installed."""

from scenarios.cli.app import main

main()
