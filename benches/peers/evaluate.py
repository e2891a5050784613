#!/usr/bin/env python3
"""Evaluates a model.safetensors of chapter 7 in PyTorch, independently of the course's code.

The tensors are loaded by name into a plain torch module (strictly: none missing, none left over). The
images are the ones that `export_test_set` wrote: the test set under the one binarization that the course
evaluates on. The samples of z are PyTorch's own, so the figures agree up to the Monte-Carlo errors that
are printed with them.
"""

import argparse
import json
import math
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "leaky-relu": lambda x: F.leaky_relu(x, 0.2),
    "identity": lambda x: x,
}


class Vae(nn.Module):
    """Any number of hidden layers, as many each way; the sizes are those of the tensors.

    With k hidden layers the encoder's are fc1 … fck, the two heads share the number k + 1, and the decoder
    goes on from fc(k+2) to fc(2k+2).
    """

    def __init__(self, tensors, activation):
        super().__init__()

        def linear(name):
            if f"{name}.weight" not in tensors:
                raise SystemExit(f"the model has no tensor {name}.weight: expected one that chapter 7's run wrote")
            outputs, inputs = tensors[f"{name}.weight"].shape
            return nn.Linear(inputs, outputs)

        # fc_mu.weight, fc_logvar.weight, and 2k + 1 others.
        hidden = (sum(name.endswith(".weight") for name in tensors) - 3) // 2
        self.encoder = [f"fc{i}" for i in range(1, hidden + 1)]
        self.decoder = [f"fc{i}" for i in range(hidden + 2, 2 * hidden + 3)]
        for name in [*self.encoder, "fc_mu", "fc_logvar", *self.decoder]:
            setattr(self, name, linear(name))
        self.activation = activation
        self.load_state_dict(tensors, strict=True)

    def encode(self, x):
        for name in self.encoder:
            x = self.activation(getattr(self, name)(x))
        return self.fc_mu(x), self.fc_logvar(x)

    def decode(self, z):
        *hidden, last = self.decoder
        for name in hidden:
            z = self.activation(getattr(self, name)(z))
        return getattr(self, last)(z)


def load(path, activation):
    """The model with its activation, which the file names unless the command line does."""
    with safe_open(path, "pt") as file:
        description = json.loads((file.metadata() or {}).get("evidence", "{}"))
    architecture = description.get("architecture", {})
    likelihood = architecture.get("likelihood", "bernoulli")
    if likelihood != "bernoulli":
        raise SystemExit(f"{path}: the likelihood is {likelihood}, but only binary images are evaluated here")
    name = activation or architecture.get("activation", "relu")
    if name not in ACTIVATIONS:
        raise SystemExit(f"{path}: unknown activation {name}, expected one of {', '.join(ACTIVATIONS)}")
    return Vae(load_file(path), ACTIVATIONS[name]), name


def read_images(path):
    """Pixels 0 and 1 from an idx file, images × pixels."""
    with open(path, "rb") as file:
        magic, count, height, width = struct.unpack(">4I", file.read(16))
        pixels = numpy.frombuffer(file.read(), numpy.uint8)
    if magic != 0x803 or len(pixels) != count * height * width:
        raise SystemExit(f"{path}: expected an idx file of images, as export_test_set writes it")
    if pixels.max() > 1:
        raise SystemExit(f"{path}: expected pixels 0 and 1, found {pixels.max()}: grey images have no ELBO here")
    return torch.from_numpy(pixels.copy()).view(count, height * width)


@torch.inference_mode()
def evaluate(model, images, samples, block):
    """The ELBO with the KL in closed form, and log p(x) by importance weighting, image by image.

    At most `block` codes are decoded together: several images with all their codes, or one image with a
    part of them, so that the memory does not grow with `samples`.
    """
    elbo, kl_terms, evidence, elbo_variance, evidence_variance = [], [], [], [], []
    start = time.monotonic()
    for number, pixels in enumerate(images.split(max(1, block // samples))):
        x = pixels.float()
        mean, log_var = model.encode(x)
        kl = 0.5 * (mean.square() + log_var.exp() - log_var - 1).double().sum(1)
        parts = []
        for first in range(0, samples, block):
            noise = torch.randn(min(block, samples - first), *mean.shape)
            z = mean + torch.exp(0.5 * log_var) * noise
            logits = model.decode(z)
            # log p(x|z) = Σ x·l − softplus(l)
            log_p = (x * logits - F.softplus(logits)).sum(-1).double()
            # log p(z) − log q(z|x); the constants ½ log 2π of the two densities cancel.
            log_ratio = 0.5 * (noise.square() - z.square() + log_var).double().sum(-1)
            parts.append((log_p, log_p + log_ratio))
        log_p, log_weight = (torch.cat(column) for column in zip(*parts))
        log_mean = torch.logsumexp(log_weight, 0) - math.log(samples)

        elbo.append(log_p.mean(0) - kl)
        kl_terms.append(kl)
        evidence.append(log_mean)
        if samples > 1:
            elbo_variance.append(log_p.var(0) / samples)
            evidence_variance.append((log_weight - log_mean).exp().var(0) / samples)
        if number % 50 == 0 and sys.stderr.isatty():
            done = sum(len(part) for part in evidence)
            print(f"\r{done} of {len(images)} images, {time.monotonic() - start:.0f} s", end="", file=sys.stderr)
    elbo, kl, evidence = torch.cat(elbo), torch.cat(kl_terms), torch.cat(evidence)

    def standard_error(values):
        return values.std().item() / math.sqrt(len(values)) if len(values) > 1 else None

    def monte_carlo_error(variances):
        return torch.cat(variances).sum().sqrt().item() / len(images) if variances else None

    return {
        "elbo_nats": elbo.mean().item(),
        "elbo_standard_error": standard_error(elbo),
        "elbo_monte_carlo_error": monte_carlo_error(elbo_variance),
        "reconstruction_nats": (elbo + kl).mean().item(),
        "kl_nats": kl.mean().item(),
        "log_evidence_nats": evidence.mean().item(),
        "log_evidence_standard_error": standard_error(evidence),
        "log_evidence_monte_carlo_error": monte_carlo_error(evidence_variance),
        "samples": samples,
        "images": len(images),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="model.safetensors")
    parser.add_argument("--test-set", required=True, help="the file that export_test_set wrote")
    parser.add_argument("--samples", type=int, default=500, help="samples of z for each image (default 500)")
    parser.add_argument("--images", type=int, help="only the first so many images")
    parser.add_argument("--activation", choices=ACTIVATIONS, help="default: what the file says")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)

    model, activation = load(arguments.model, arguments.activation)
    images = read_images(arguments.test_set)[: arguments.images]
    print(f"{len(model.encoder)} hidden layers each way, {activation}; {len(images)} images, {arguments.samples} samples each")
    # About 4000 decoded images at a time: 13 MB of logits, which stay in the cache.
    figures = evaluate(model, images, arguments.samples, block=4000)

    def line(name, key):
        error, noise = figures[f"{key}_standard_error"], figures[f"{key}_monte_carlo_error"]
        parts = [f"{name:<18} {figures[f'{key}_nats']:10.4f} nats"]
        if error is not None:
            parts.append(f"± {error:.4f} (other images)")
        if noise is not None:
            parts.append(f"± {noise:.4f} (other samples of z)")
        print("  ".join(parts))

    line("ELBO", "elbo")
    print(f"  reconstruction   {figures['reconstruction_nats']:10.4f} nats")
    print(f"  KL               {figures['kl_nats']:10.4f} nats")
    line("log p(x), weighted", "log_evidence")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
