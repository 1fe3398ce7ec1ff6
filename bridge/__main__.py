"""`python -m bridge`: serves, and lets an operator see and decide."""

from bridge.cli import main

if __name__ == "__main__":
    main()
