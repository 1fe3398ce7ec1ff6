"""The pages of the contracts are what the contracts say now."""

from __future__ import annotations

import pytest

from docs import generate
from docs.rendering import contracts


@pytest.mark.parametrize("page", generate.CONTRACT_PAGES)
def test_the_page_of_a_contract_is_new(page: str) -> None:
    committed = (contracts.FOLDER / page).read_text(encoding="utf-8")
    assert committed == generate.CONTRACT_PAGES[page](), f"{page} is old: run make docs and commit it"
    assert "<script" not in committed
    assert 'src="' not in committed, "a page that fetches something shows nothing without internet"
