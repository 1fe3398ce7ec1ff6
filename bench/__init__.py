"""How fast the parts are, measured as whole processes over loopback; `make bench` prints the table."""
