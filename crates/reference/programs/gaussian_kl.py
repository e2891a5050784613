"""gaussian_kl.json: divergences between Gaussians from the textbook forms, 25 digits. Nearly equal pairs cancel up to thirty of
80."""
from common import read, settle
from mpmath import det, exp, inverse, log, matrix, mp, mpf, nstr

mp.dps = 80


def univariate(case):
    mu1, log1, mu2, log2 = (mpf(case[name]) for name in ("mu1", "log_sigma1", "mu2", "log_sigma2"))
    kl = log2 - log1 + (exp(2 * log1) + (mu1 - mu2) ** 2) / (2 * exp(2 * log2)) - mpf(1) / 2
    return case | {"kl": nstr(kl, 25)}


def full(case):
    m1, s1, m2, s2 = (matrix(case[name]) for name in ("m1", "S1", "m2", "S2"))
    precision, apart = inverse(s2), m1 - m2
    product = precision * s1
    trace = sum(product[i, i] for i in range(len(m1)))
    kl = (trace + (apart.T * precision * apart)[0] - len(m1) + log(det(s2) / det(s1))) / 2
    return case | {"kl": nstr(kl, 25)}


old = read("gaussian_kl")
# 25 digits, the last one rounded.
new = old | {"univariate": [univariate(case) for case in old["univariate"]]}
settle("gaussian_kl", new, 1e-24)
# The matrices were rounded to floats after their divergences had been computed.
new |= {"full_covariance": [full(case) for case in old["full_covariance"]]}
settle("gaussian_kl", new, 3e-16)
