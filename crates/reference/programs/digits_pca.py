"""digits_pca.json: the covariance's eigenvalues of the optical digits (`data/optdigits`), pixels in [0, 1], by numpy; what M
components leave of it; and the best σ² and likelihood of probabilistic PCA (Tipping & Bishop 1999)."""
import gzip

import numpy as np
from common import VALUES, read, settle

root = VALUES.parents[3]
with gzip.open(root / "data/optdigits/digits8x8-images-idx3-ubyte.gz") as file:
    header = np.frombuffer(file.read(16), ">u4")
    x = np.frombuffer(file.read(), "u1").reshape(header[1], -1) / 16
centred = x - x.mean(axis=0)
values = np.linalg.eigvalsh(centred.T @ centred / len(x))[::-1]


def computed(case):
    m, d = case["M"], len(values)
    sigma2 = values[m:].sum() / (d - m)
    likelihood = -(d * np.log(2 * np.pi) + np.log(values[:m]).sum() + (d - m) * np.log(sigma2) + d) / 2
    return case | {
        "pca_residual_per_sample": float(values[m:].sum()),
        "ppca_sigma2": float(sigma2),
        "ppca_log_likelihood_per_sample": float(likelihood),
    }


old = read("digits_pca")
new = old | {"n": len(x), "eigenvalues": values.tolist(), "cases": [computed(case) for case in old["cases"]]}
# Rounded sums over 1 797 digits; the smallest eigenvalues are 0.
settle("digits_pca", new, 1e-12, unit=1)
