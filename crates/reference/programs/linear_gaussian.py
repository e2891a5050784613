"""linear_gaussian.json: z ~ N(0, I), x | z ~ N(Wz + b, σ²I), a diagonal q. The file's numbers are those of PyTorch and
numpy in double precision; here they are computed with 40 digits, the gradient by difference quotients."""
from common import read, settle
from mpmath import cholesky_solve, det, diag, diff, eye, exp, inverse, log, matrix, mp, mpf, pi

mp.dps = 40


def squares(v):
    return sum(x * x for x in v)


def log_normal(x, mean, covariance):
    apart = x - mean
    return -(len(x) * log(2 * pi) + log(det(covariance)) + (apart.T * cholesky_solve(covariance, apart))[0]) / 2


def kl(mean1, covariance1, mean2, covariance2):
    precision = inverse(covariance2)
    product, apart = precision * covariance1, mean1 - mean2
    trace = sum(product[i, i] for i in range(len(mean1)))
    return (trace + (apart.T * precision * apart)[0] - len(mean1) + log(det(covariance2) / det(covariance1))) / 2


def elbo(w, b, sigma2, x, mean, log_var):
    variance = [exp(v) for v in log_var]
    spread = sum(variance[j] * squares(w[:, j]) for j in range(len(mean)))
    fit = squares(x - b - w * matrix(mean)) + spread
    prior = sum(v + m * m - 1 - log(v) for m, v in zip(mean, variance)) / 2
    return -(len(x) * log(2 * pi * sigma2) + fit / sigma2) / 2 - prior


def slope(f, at, j):
    return diff(lambda v: f([*at[:j], v, *at[j + 1 :]]), at[j])


def numbers(v):
    return [float(x) for x in v]


def computed(case):
    w, b, x, sigma2 = matrix(case["W"]), matrix(case["b"]), matrix(case["x"]), mpf(case["sigma2"])
    mean, log_var = [[mpf(v) for v in case[name]] for name in ("q_mean", "q_log_var")]
    d = len(mean)
    covariance = inverse(eye(d) + w.T * w / sigma2)
    posterior_mean = covariance * w.T * (x - b) / sigma2
    q = matrix(mean), diag([exp(v) for v in log_var])
    return case | {
        "log_evidence": float(log_normal(x, b, w * w.T + sigma2 * eye(len(x)))),
        "posterior_mean": numbers(posterior_mean),
        "posterior_cov": [numbers(covariance[i, :]) for i in range(d)],
        "elbo": float(elbo(w, b, sigma2, x, mean, log_var)),
        "kl_to_posterior": float(kl(*q, posterior_mean, covariance)),
        "grad_q_mean": [float(slope(lambda m: elbo(w, b, sigma2, x, m, log_var), mean, j)) for j in range(d)],
        "grad_q_log_var": [float(slope(lambda v: elbo(w, b, sigma2, x, mean, v), log_var, j)) for j in range(d)],
    }


old = read("linear_gaussian")
# Sums of some ten terms, each rounded; the smallest results are 0.01 of their largest terms.
settle("linear_gaussian", old | {"cases": [computed(case) for case in old["cases"]]}, 1e-13, unit=1)
