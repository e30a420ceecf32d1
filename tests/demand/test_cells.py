"""What may be shown: no cell with fewer than three conversations, and no conversation left out."""

from collections import Counter

import h3
from hypothesis import given
from hypothesis import strategies as st

from sandbox import PLACES
from webhook.demand.cells import COARSEST, FEWEST, shown
from webhook.store.demand import CellCount

HOME = h3.latlng_to_cell(*PLACES["viable"].point, 9)
NEAR = sorted(h3.grid_disk(HOME, 40))
FAR = h3.latlng_to_cell(-3.1, -60.0, 9)
NO = ("sem_viabilidade", "sem_caixa")


def count(cell, conversations, outcome=NO, tenant="isp"):
    return CellCount(tenant, cell, *outcome, conversations)


def siblings():
    return sorted(h3.cell_to_children(h3.cell_to_parent(HOME, 8), 9))


def test_a_cell_with_three_conversations_is_shown_as_it_is():
    (cell,) = shown([count(HOME, 2), count(HOME, 1, ("viavel", ""))])
    assert (cell.id, cell.conversations, cell.refused) == (HOME, 3, 2)
    assert h3.is_valid_cell(cell.id)
    assert cell.centre == tuple(round(one, 6) for one in h3.cell_to_latlng(HOME))


def test_two_are_shown_one_level_coarser_without_what_is_shown_alone():
    first, second, third = siblings()[:3]
    cells = shown([count(first, 5), count(second, 2), count(third, 1)])
    assert [(one.id, one.conversations) for one in cells] == [(first, 5), (h3.cell_to_parent(HOME, 8), 3)]


def test_what_is_alone_far_and_wide_is_elsewhere():
    cells = shown([count(HOME, 2), count(FAR, 1), count(FAR, 3, tenant="other")])
    assert [(one.tenant, one.id, one.conversations) for one in cells] == [
        ("other", FAR, 3),
        ("isp", None, 3),
    ]
    assert cells[1].centre is None
    assert cells[1].outline == []


def test_reasons_come_with_the_most_frequent_first():
    counts = [
        count(HOME, 2),
        count(HOME, 4, ("sem_viabilidade", "distancia")),
        count(HOME, 9, ("viavel", "")),
    ]
    (cell,) = shown(counts)
    assert cell.reasons == [("distancia", 4), ("sem_caixa", 2)]


@given(st.lists(st.tuples(st.sampled_from([*NEAR, FAR]), st.integers(1, 4)), max_size=60))
def test_nobody_is_shown_alone_and_nobody_is_lost(counted):
    cells = shown(count(cell, times) for cell, times in counted)
    assert all(one.conversations >= FEWEST for one in cells if one.id)
    assert all(COARSEST <= one.resolution <= 9 for one in cells if one.id)
    assert sum(one.conversations for one in cells) == sum(times for _, times in counted)
    assert max(Counter(one.id for one in cells).values(), default=1) == 1
