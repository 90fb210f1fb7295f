"""Adam's steps on weights without a gradient, any number of steps at once.

With a zero gradient, `j` steps after the last one, momenta are `m1 * b1^j` and `m2 * b2^j`, and the
weight has moved by `lr * (b1 / sqrt(b2))^j * m1 / (sqrt(m2) + eps * b2^(-j/2))` and then decayed.
Weight and average stay a sum of four terms, `w`, `avg`, `q = m1 / (sqrt(m2) + eps)` and
`r = q / (sqrt(m2) + eps)`, whose factors are the same for all weights that wait for equally long.
The dependence of `eps` on `j` is taken to the first order in `r`: below float32's own rounding,
because `b1^j` has vanished long before `b2^j` moves.
"""

from __future__ import annotations

from typing import Any

import numpy

from .structure import Array

RATIO, EPS, MOM1, MOM2, W_BY_W, W_BY_Q, W_BY_R, AVG_BY_AVG, AVG_BY_W, AVG_BY_Q, AVG_BY_R = range(11)
# The factors for zero steps.
NOTHING = numpy.array([[1], [0], [1], [1], [1], [0], [0], [1], [0], [0], [0]], dtype=float)


class Waiting:
    """Factors for rows that wait since one of the last steps.

    limit (int): Maximum number of steps.
    """

    def __init__(self, limit: int):
        self._factors = numpy.repeat(NOTHING, limit + 1, axis=1)
        self.limit = limit
        self.now = 0

    def reset(self) -> None:
        """Forget all steps: nothing waits."""
        self._factors[:] = NOTHING
        self.now = 0

    @property
    def factors(self) -> Array:
        """The factors of each step since `reset`: (terms, steps + 1), float64."""
        return self._factors[:, : self.now + 1]

    def restore(self, factors: Array) -> None:
        """Restore the factors of another run."""
        self.reset()
        self.now = factors.shape[1] - 1
        self.factors[:] = factors

    def advance(
        self, *, b1: float, b2: float, eps: float, rate: float, decay: float, keep: float
    ) -> None:
        """Take one step.

        rate (float): Adam's, corrected for its start.
        decay (float): What the weights are multiplied with afterwards.
        keep (float): What the average is multiplied with.
        """
        f = self.factors
        f[RATIO] *= b1 / b2**0.5
        f[MOM1] *= b1
        f[MOM2] *= b2
        f[EPS] = eps * (f[MOM2] ** -0.5 - 1)
        moved = rate * f[RATIO]
        f[W_BY_Q] -= moved
        f[W_BY_R] += moved * f[EPS]
        f[W_BY_W : W_BY_R + 1] *= decay
        f[AVG_BY_AVG : AVG_BY_R + 1] *= keep
        f[AVG_BY_W : AVG_BY_R + 1] += (1 - keep) * f[W_BY_W : W_BY_R + 1]
        self.now += 1

    def catch_up(
        self, since: Array, eps: float, weights: Any, mom1: Any, mom2: Any, average: Any
    ) -> None:
        """Bring rows up to date, in place.

        since (Ints1d): The step, from 0 to `now`, after which each row began to wait.
        weights, mom1, mom2, average (Floats2d): (rows, width); there may be no average.
        """
        f = self._factors[:, since].astype(numpy.float32)[:, :, None]
        scale = numpy.sqrt(mom2)
        scale += numpy.float32(eps)
        q = mom1 / scale
        r = numpy.divide(q, scale, out=scale)
        if average is not None:
            average *= f[AVG_BY_AVG]
            average += f[AVG_BY_W] * weights
            average += f[AVG_BY_Q] * q
            average += f[AVG_BY_R] * r
        weights *= f[W_BY_W]
        weights += numpy.multiply(q, f[W_BY_Q], out=q)
        weights += numpy.multiply(r, f[W_BY_R], out=r)
        mom1 *= f[MOM1]
        mom2 *= f[MOM2]
