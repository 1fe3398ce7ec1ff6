"""A small honest bridge of its own code: aiohttp, PyJWT, cryptography, an SQLite file, no operations API.

It speaks 1.9, 2.0 and 2.1, listens at the hub and asks what stays silent. `SMALL_DEFECTS` names what is wrong
with it on purpose: each `seeded(…)` in its modules is one defect of `tests/guilty/defects.py`.
"""
