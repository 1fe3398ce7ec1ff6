"""`python -m mock_opencrvs`."""

from wire.entry import begin

if __name__ == "__main__":
    begin("mock_opencrvs.program")
