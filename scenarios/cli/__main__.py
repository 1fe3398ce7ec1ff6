"""`rehearse`, and `python -m scenarios.cli` where the command is not installed."""

from wire.entry import begin


def main() -> None:
    """Entry point of `rehearse`."""
    begin("scenarios.cli.app")


if __name__ == "__main__":
    main()
