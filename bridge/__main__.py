"""`python -m bridge`: serves, and lets an operator see and decide."""

from wire.entry import begin


def main() -> None:
    """Entry point of `bridge`."""
    begin("bridge.cli.app")


if __name__ == "__main__":
    main()
