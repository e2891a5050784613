"""The files of tensors: from `param.*` and `input.*` the losses, their gradient and three steps of Adam. They were made with
PyTorch 2.11 in double precision; here the same is computed by numpy, differentiated by autograd."""
import sys

import autograd.numpy as np
from autograd import grad
from common import VALUES, report
from safetensors.numpy import load_file, save_file


def linear(p, name, x):
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x):
    return np.where(x > 0, x, 0.2 * x)


def softplus(x):
    return np.logaddexp(0, x)


def patches(x, stride):
    """Every 4×4 window: image × channel × 16 × row × column."""
    rows, columns = [(n - 4) // stride + 1 for n in x.shape[2:]]
    taken = [
        x[:, :, i : i + stride * (rows - 1) + 1 : stride, j : j + stride * (columns - 1) + 1 : stride]
        for i in range(4)
        for j in range(4)
    ]
    return np.stack(taken, axis=2)


def padded(x, by):
    return np.pad(x, ((0, 0), (0, 0), (by, by), (by, by)), "constant")


def conv(p, name, x):
    """In steps of 2 with padding 1."""
    kernel = p[f"{name}.weight"]
    kernel = kernel.reshape(*kernel.shape[:2], 16)
    return np.einsum("nckij,ock->noij", patches(padded(x, 1), 2), kernel) + p[f"{name}.bias"][:, None, None]


def conv_transposed(p, name, x):
    """The same backwards: zeros between the pixels, and the kernel turned."""
    spread = np.eye(2 * x.shape[2] - 1)[::2]
    x = np.einsum("ncij,ia,jb->ncab", x, spread, spread)
    kernel = p[f"{name}.weight"][:, :, ::-1, ::-1]
    kernel = kernel.reshape(*kernel.shape[:2], 16)
    return np.einsum("nckij,cok->noij", patches(padded(x, 2), 1), kernel) + p[f"{name}.bias"][:, None, None]


def vae_terms(p, x, noise, encoder, decoder):
    """−log p(x|z) and KL of each image."""
    hidden = encoder(p, x)
    mean, log_var = linear(p, "fc_mu", hidden), linear(p, "fc_logvar", hidden)
    logits = decoder(p, mean + noise * np.exp(log_var / 2))
    nll = np.sum((softplus(logits) - x * logits).reshape(len(x), -1), axis=1)
    return nll, np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=1) / 2


def mlp_encoder(p, x):
    return np.tanh(linear(p, "fc1", x))


def mlp_decoder(p, z):
    return linear(p, "fc4", np.tanh(linear(p, "fc3", z)))


def conv_encoder(p, x):
    return relu(conv(p, "conv2", relu(conv(p, "conv1", x)))).reshape(len(x), -1)


def conv_decoder(p, z):
    image = relu(linear(p, "fc_dec", z)).reshape(len(z), 16, 7, 7)
    return conv_transposed(p, "deconv2", relu(conv_transposed(p, "deconv1", image)))


def three_layers(p, name, x):
    for layer in ("fc1", "fc2"):
        x = leaky_relu(linear(p, f"{name}.{layer}", x))
    return linear(p, f"{name}.fc3", x)


def discriminator_loss(p, x, z, at):
    """The generated examples are detached: they come from the parameters as they stand (`at`)."""
    made = three_layers(at, "g", z)
    return np.mean(softplus(-three_layers(p, "d", x))) + np.mean(softplus(three_layers(p, "d", made)))


def saturating_loss(p, x, z, _):
    return -np.mean(softplus(three_layers(p, "d", three_layers(p, "g", z))))


def non_saturating_loss(p, x, z, _):
    return np.mean(softplus(-three_layers(p, "d", three_layers(p, "g", z))))


def part(file, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in file.items() if name.startswith(prefix)}


def trained(p, loss, rate):
    """Gradient at the start, three steps of Adam with PyTorch's settings, and the loss before each."""
    slope = grad(loss)
    at_start, losses = slope(p, p), []
    m, v = ({name: np.zeros_like(tensor) for name, tensor in p.items()} for _ in range(2))
    for t in (1, 2, 3):
        losses.append(loss(p, p))
        g = slope(p, p)
        m = {name: 0.9 * m[name] + 0.1 * g[name] for name in p}
        v = {name: 0.999 * v[name] + 0.001 * g[name] ** 2 for name in p}
        step = {name: m[name] / (1 - 0.9**t) / (np.sqrt(v[name] / (1 - 0.999**t)) + 1e-8) for name in p}
        p = {name: p[name] - rate * step[name] for name in p}
    named = {f"grad.{name}": tensor for name, tensor in at_start.items()}
    return named | {f"adam3.{name}": tensor for name, tensor in p.items()} | {"value.adam_losses": np.array(losses)}


def vae(encoder, decoder):
    def computed(file):
        x, noise, p = file["input.x"], file["input.eps"], part(file, "param.")

        def loss(p, _):
            nll, kl = vae_terms(p, x, noise, encoder, decoder)
            return np.mean(nll + kl)

        nll, kl = vae_terms(p, x, noise, encoder, decoder)
        terms = {"value.negative_log_likelihood": nll, "value.kl": kl, "value.loss": np.array([np.mean(nll + kl)])}
        return trained(p, loss, 1e-3) | terms

    return computed


def gan(loss):
    def computed(file):
        x, z, p = file["input.x"], file["input.z"], part(file, "param.")
        result = trained(p, lambda p, at: loss(p, x, z, at), 2e-4)
        return result | {"value.loss": np.array([loss(p, x, z, p)])}

    return computed


def settle(name, computed):
    path = VALUES / f"{name}.safetensors"
    old = load_file(path)
    new = old | computed(old)
    assert old.keys() == new.keys(), old.keys() ^ new.keys()
    if "--write" in sys.argv:
        save_file({name: np.ascontiguousarray(tensor) for name, tensor in new.items()}, path)
        return
    compared = [pair for key in old for pair in zip(old[key].ravel().tolist(), new[key].ravel().tolist())]
    # Sums in another order. A step of Adam divides by the root of a gradient, and small ones are differences of large
    # terms; they count as if they were 0.01.
    report(name, compared, 1e-12, unit=0.01)


settle("mlp_vae", vae(mlp_encoder, mlp_decoder))
settle("conv_vae", vae(conv_encoder, conv_decoder))
settle("gan_discriminator", gan(discriminator_loss))
settle("gan_generator_saturating", gan(saturating_loss))
settle("gan_generator_nonsaturating", gan(non_saturating_loss))
