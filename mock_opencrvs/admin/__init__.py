"""Our own routes: looking into the mock, and playing a registrar by script."""
