"""`rehearse doctor`: what is wrong with a set-up before anything is sent.

Sources are read, files and addresses are asked (the edges); what was seen becomes findings (pure), each of a
kind that stands in `findings.toml` with its severity, whose job it is and what to do.
"""
