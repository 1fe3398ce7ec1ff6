"""The page of faults."""

from __future__ import annotations

from dataclasses import fields

import pytest
import yaml

from docs.rendering import contracts, faults, plans
from mock_nid.packets.plans import Plan
from mock_nid.seams import SEAMS as NID_SEAMS
from mock_opencrvs.app import SEAMS as OPENCRVS_SEAMS
from testbed.faults import Fault, FaultKind
from wire.environment import texts_below


def test_every_kind_of_fault_and_every_seam_is_explained() -> None:
    assert all(kind.means for kind in FaultKind)
    assert set(faults.PLACES) == {*NID_SEAMS, *OPENCRVS_SEAMS}
    played = frozenset().union(*NID_SEAMS.values(), *OPENCRVS_SEAMS.values())
    assert played == set(FaultKind), "a kind that nothing plays"


@pytest.mark.parametrize("model", [Fault, Plan])
def test_a_field_of_misbehaviour_is_written_once_and_stands_in_page_and_contract(model: type) -> None:
    page = (faults.faults_page if model is Fault else plans.plans_page)()
    contract = yaml.safe_load(contracts.contract_text("mock_nid"))["components"]["schemas"]
    schema = contract["Fault"] if model is Fault else contract["Plan"]["anyOf"][1]
    texts = texts_below(model)
    assert list(texts) == [field.name for field in fields(model)]
    for name, text in texts.items():
        assert text and f"| `{name}` |" in page
        assert schema["properties"][name]["description"] == text
