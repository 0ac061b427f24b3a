"""Places of items by key."""

from __future__ import annotations

from pytest_opswald.engine.index import Index


class Spent(set[int]):
    """Used places, counting how often they are looked up."""

    lookups = 0

    def __contains__(self, place: object) -> bool:
        self.lookups += 1
        return super().__contains__(place)


def test_free_places_of_a_key_come_in_order():
    """What is used is passed over, wherever it stands."""
    index = Index(["a", "b", "a", "a"], str.upper)

    assert list(index.free("a", {2})) == [0, 3]
    assert list(index.free("c", set())) == []


def test_asking_the_same_again_and_again_stays_cheap():
    """Answers that were given are not looked at again: the work is linear in the questions."""
    used = Spent()
    index = Index(["again"] * 1000, str.upper)

    for _ in range(1000):
        used.add(next(index.free("again", used)))

    assert used == set(range(1000))
    assert used.lookups < 5000


def test_keys_are_computed_when_first_asked_for():
    """A run that goes as recorded never needs the dear ones."""
    computed: list[str] = []

    def key(item: str) -> str:
        computed.append(item)
        return item

    index = Index(["a", "b"], key)
    assert computed == []

    list(index.free("a", set()))
    assert sorted(computed) == ["a", "a", "b"]
