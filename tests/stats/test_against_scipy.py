"""Our few formulas against those of scipy, which is no dependency."""

from __future__ import annotations

import random

import pytest
import scipy  # which loads its parts when they are first used

from pytest_opswald.stats.calibration import chances
from pytest_opswald.stats.paired import benjamini_hochberg, mcnemar, sign_flip
from pytest_opswald.stats.rules import KOfN


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_is_the_one_sided_binomial_test(seed: int) -> None:
    """For any counts, large ones too."""
    draws = random.Random(seed)
    worse, better = draws.randrange(1, 400), draws.randrange(1, 400)

    theirs = scipy.stats.binomtest(worse, worse + better, alternative="greater").pvalue

    assert mcnemar(worse, better) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_sign_flip_is_the_permutation_test_of_one_sample(seed: int) -> None:
    """Exactly, as long as all flips are counted."""
    draws = random.Random(seed)
    drops = [draws.gauss(0.2, 1) for _ in range(10)]

    theirs = scipy.stats.permutation_test(
        (drops,), sum, permutation_type="samples", alternative="greater", n_resamples=2**10
    ).pvalue

    assert sign_flip(drops) == pytest.approx(theirs)


@pytest.mark.parametrize("seed", range(5))
def test_benjamini_hochberg_is_false_discovery_control(seed: int) -> None:
    """Adjusted values, ties and all."""
    draws = random.Random(seed)
    p_values = [round(draws.random() ** 3, 2) for _ in range(40)]

    theirs = scipy.stats.false_discovery_control(p_values)

    assert benjamini_hochberg(p_values) == pytest.approx(list(theirs))


@pytest.mark.parametrize(("need", "of"), [(4, 5), (8, 10), (40, 50)])
@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_chances_of_k_of_n_are_the_binomial_tail(need: int, of: int, rate: float) -> None:
    """Curtailed or not."""
    theirs = scipy.stats.binom.sf(need - 1, of, rate)

    assert chances(KOfN(need, of), rate).green == pytest.approx(theirs)
