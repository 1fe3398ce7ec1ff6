"""MOSIP behind the port of the national ID system."""
