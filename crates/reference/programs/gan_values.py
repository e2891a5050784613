"""gan_values.json: for Gaussian data and a Gaussian generator the Jensen–Shannon divergence, and the value of the game
E log D(x) + E log(1 − D(G(z))) at the best discriminator p/(p + q), each by its own quadrature with 40 digits."""
from common import read, settle
from mpmath import exp, log, mp, mpf, nstr, pi, quad, sqrt

mp.dps = 40


def density(x, mean, sigma):
    return exp(-(((x - mean) / sigma) ** 2) / 2) / (sqrt(2 * pi) * sigma)


def computed(case):
    mean1, mean2 = mpf(case["mu_data"]), mpf(case["mu_gen"])
    sigma1, sigma2 = exp(mpf(case["log_sigma_data"])), exp(mpf(case["log_sigma_gen"]))

    def p(x):
        return density(x, mean1, sigma1)

    def q(x):
        return density(x, mean2, sigma2)

    def over(mean, sigma, f):
        """Beyond 14 standard deviations a normal density is below 1e-42 of its height."""
        return quad(f, [mean + sigma * i / 2 for i in range(-28, 29)])

    first, second = (mean1, sigma1), (mean2, sigma2)
    divergence = over(*first, lambda x: p(x) * log(2 * p(x) / (p(x) + q(x)))) / 2
    divergence += over(*second, lambda x: q(x) * log(2 * q(x) / (p(x) + q(x)))) / 2
    value = over(*first, lambda x: p(x) * log(p(x) / (p(x) + q(x))))
    value += over(*second, lambda x: q(x) * log(q(x) / (p(x) + q(x))))
    return case | {"jsd": nstr(divergence, 20), "value_at_optimal_d": nstr(value, 20)}


old = read("gan_values")
# 20 digits, the last one rounded.
settle("gan_values", old | {"cases": [computed(case) for case in old["cases"]]}, 1e-19)
