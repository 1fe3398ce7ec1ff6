"""`python -m mock_nid`."""

from wire.entry import begin

if __name__ == "__main__":
    begin("mock_nid.program")
