"""How large the batches of a publication are: whoever wants to write one of their rows waits for the batch's end."""

from __future__ import annotations

from engine.publishing.batches import next_size


def test_batches_shrink_while_they_take_long_and_grow_again_up_to_what_is_set() -> None:
    sizes, size = [], 2000
    for spent in (2.0, 1.2, 0.6, 0.3, 0.1, 0.1, 0.1, 0.1):
        size = next_size(size, spent, 2000)
        sizes.append(size)
    assert sizes == [1000, 500, 250, 250, 500, 1000, 2000, 2000]


def test_batches_never_come_to_nothing_nor_above_what_is_set() -> None:
    assert [next_size(60, 9.0, 2000), next_size(50, 9.0, 2000), next_size(3, 9.0, 3)] == [50, 50, 3]
    assert next_size(3, 0.01, 5) == 5
