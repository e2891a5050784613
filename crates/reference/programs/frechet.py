"""frechet.json: ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2(C₁C₂)^½), the last trace from the eigenvalues of C₁C₂, which is not symmetric."""
import numpy as np
from common import read, settle


def computed(case):
    mean1, c1, mean2, c2 = (np.array(case[name]) for name in ("mean1", "covariance1", "mean2", "covariance2"))
    roots = np.sqrt(np.maximum(np.linalg.eigvals(c1 @ c2).real, 0))
    return case | {"frechet": float(((mean1 - mean2) ** 2).sum() + np.trace(c1 + c2) - 2 * roots.sum())}


old = read("frechet")
# An eigenvalue of 1e-10 that is off by 1e-16 has a root that is off by 1e-11.
settle("frechet", old | {"cases": [computed(case) for case in old["cases"]]}, 1e-9)
