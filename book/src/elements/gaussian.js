// Densities and integrals on a line, as crates/prob has them.

const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** log N(x; mean, sigma²) */
export function logDensity(x, mean, sigma) {
  const z = (x - mean) / sigma;
  return -0.5 * z * z - Math.log(sigma) - LOG_SQRT_TWO_PI;
}

export function density(x, mean, sigma) {
  return Math.exp(logDensity(x, mean, sigma));
}

/** The density at the mean, and the sigma that has a given one. */
export const peak = (sigma) => density(0, 0, sigma);
export const sigmaOfPeak = (height) => peak(1) / height;

/**
 * ∫ f by the trapezoidal rule. For a smooth f that has died out at both ends its error falls faster than any power of
 * the step, so that a few hundred points give all digits.
 */
export function integrate(f, low, high, count) {
  const step = (high - low) / count;
  let sum = 0.5 * (f(low) + f(high));
  for (let i = 1; i < count; i += 1) sum += f(low + i * step);
  return sum * step;
}

/** E f(x) for x ~ N(mean, sigma²). */
export function expectation(mean, sigma, f, count = 400) {
  return integrate((z) => Math.exp(logDensity(z, 0, 1)) * f(mean + sigma * z), -10, 10, count);
}

/** KL(N(mean1, sigma1²) ‖ N(mean2, sigma2²)), equation (6.4). */
export function kl(mean1, sigma1, mean2, sigma2) {
  const square = sigma1 * sigma1 + (mean1 - mean2) ** 2;
  return Math.log(sigma2 / sigma1) + square / (2 * sigma2 * sigma2) - 0.5;
}

export const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
