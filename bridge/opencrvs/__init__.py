"""OpenCRVS: what is asked and told there, and whose tokens are believed."""
