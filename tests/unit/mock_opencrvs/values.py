"""Values of every shape, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from wire.opencrvs.javascript import UNDEFINED

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.just(UNDEFINED),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
