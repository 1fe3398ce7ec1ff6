"""node judges our reading of ECMAScript's patterns: the known answers are JavaScript's own."""

from __future__ import annotations

import json
import subprocess

from tests.programs import NODE, need
from tests.unit.mock_opencrvs.patterns import CASES

SCRIPT = """
const cases = JSON.parse(process.argv[1])
console.log(JSON.stringify(cases.map(([pattern, text]) => new RegExp(pattern, 'u').test(text))))
"""


def test_the_known_answers_are_javascripts() -> None:
    asked = json.dumps([[pattern, text] for pattern, text, _ in CASES])
    command = [str(need(NODE)), "-e", SCRIPT, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [expected for _, _, expected in CASES]
