#!/usr/bin/env python3
"""Milliseconds per training step of chapter 8's GAN: this project beside PyTorch, block by block in one run.

The same networks (three layers each, leaky ReLU 0.2), the same batches, data in memory, fresh noise for both
players, the discriminator's step, then the generator's against the new discriminator, Adam with beta1 = 0.5 for
both, and a running average of the generator. Each contestant is a process of its own that trains a block of steps
when told to and then sleeps; blocks alternate, so that other work on the machine disturbs all of them alike, and
the ratios are taken within rounds.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHAPES = {
    "ring": dict(data=2, latent=2, hidden=128, batch=256, steps=400),
    "mnist": dict(data=784, latent=64, hidden=256, batch=128, steps=60),
}


def worker(shape, fused, penalty, threads, steps):
    """Trains with PyTorch, a block of steps for each line on standard input."""
    import math

    import numpy
    import torch
    import torch.nn.functional as F
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    s = SHAPES[shape]
    if shape == "mnist":
        with gzip.open(ROOT / "data/mnist/train-images-idx3-ubyte.gz") as file:
            pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16).copy()
        data = torch.from_numpy(pixels).view(-1, 784)
    else:
        angle = torch.randint(0, 8, (50_000,)) * (2 * math.pi / 8)
        data = 2 * torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(50_000, 2)

    def network(widths, output=None):
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
        layers = layers[:-1] + ([output] if output else [])
        return nn.Sequential(*layers)

    h = s["hidden"]
    generator = network([s["latent"], h, h, s["data"]], nn.Sigmoid() if shape == "mnist" else None)
    discriminator = network([s["data"], h, h, 1])
    average = [p.detach().clone() for p in generator.parameters()]
    options = dict(lr=1e-3, betas=(0.5, 0.999), fused=fused)
    adam_g = torch.optim.Adam(generator.parameters(), **options)
    adam_d = torch.optim.Adam(discriminator.parameters(), **options)

    def step():
        real = data[torch.randint(0, len(data), (s["batch"],))]
        real = real.float().div_(255) if shape == "mnist" else real
        with torch.no_grad():
            fake = generator(torch.randn(s["batch"], s["latent"]))
        if penalty > 0:
            real.requires_grad_()
            on_real, on_fake = discriminator(real), discriminator(fake)
            (slope,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            extra = 0.5 * penalty * slope.square().sum(1).mean()
        else:
            on_real, on_fake = discriminator(torch.cat([real, fake])).split(s["batch"])
            extra = 0.0
        loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean() + extra
        adam_d.zero_grad(set_to_none=True)
        loss.backward()
        adam_d.step()

        # The discriminator's parameters get no gradient here.
        for p in discriminator.parameters():
            p.requires_grad_(False)
        loss = F.softplus(-discriminator(generator(torch.randn(s["batch"], s["latent"])))).mean()
        adam_g.zero_grad(set_to_none=True)
        loss.backward()
        adam_g.step()
        for p in discriminator.parameters():
            p.requires_grad_(True)
        torch._foreach_lerp_(average, [p.detach() for p in generator.parameters()], 0.002)
        return on_real.detach().sigmoid().mean().item(), on_fake.detach().sigmoid().mean().item()

    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(steps):
            d_real, d_generated = step()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "d_real": d_real, "d_generated": d_generated}), flush=True)


class Contestant:
    """A process that trains a block when it is sent a line."""

    def __init__(self, name, command, environment=None):
        self.name, self.seconds = name, []
        environment = os.environ | (environment or {})
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)

    def block(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended with code {self.process.wait()}, see above")
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def contestants(shape, penalty, steps, arguments):
    common = ["--threads", str(arguments.threads), "--penalty", str(penalty), "--steps", str(steps)]
    ours = [arguments.ours] if arguments.ours else ["cargo", "run", "--quiet", "-p", "benches", "--bin", "ours_gan", "--"]
    yield Contestant("this project", [*ours, "--shape", shape, *common])
    for mode in ["eager", "fused"]:
        policies = ["default", "passive"] if arguments.wait_policy == "both" else [arguments.wait_policy]
        for policy in policies:
            command = [sys.executable, __file__, "--worker", shape, "--mode", mode, *common]
            environment = {"OMP_WAIT_POLICY": "passive"} if policy == "passive" else {}
            name = "PyTorch " + ("fused Adam" if mode == "fused" else "eager") + (", passive" if environment else "")
            yield Contestant(name, command, environment)


def referee(arguments):
    if not arguments.ours:
        subprocess.run(["cargo", "build", "--quiet", "-p", "benches", "--bin", "ours_gan"], cwd=ROOT, check=True)
    results = []
    for shape, penalty in [("ring", 0.0), ("mnist", 0.0), ("mnist", 3.0)]:
        steps = SHAPES[shape]["steps"]
        players = list(contestants(shape, penalty, steps, arguments))
        for turn in range(arguments.warm_up + arguments.rounds):
            shift = turn % len(players)
            for player in players[shift:] + players[:shift]:
                seconds = player.block()["seconds"]
                if turn >= arguments.warm_up:
                    player.seconds.append(seconds)
        for player in players:
            player.stop()
        print(f"\n{shape}, penalty {penalty:g}: milliseconds per step, {arguments.threads} threads, {arguments.rounds} rounds of {steps} steps\n")
        print("|  | median | fastest – slowest | ours/theirs, median | from – to |")
        print("|---|---:|---:|---:|---:|")
        ours = players[0]
        for player in players:
            ms = [1e3 * s / steps for s in player.seconds]
            ratios = [a / b for a, b in zip(ours.seconds, player.seconds)]
            row = dict(shape=shape, penalty=penalty, name=player.name, milliseconds=ms, ratio=statistics.median(ratios))
            results.append(row)
            shown = f"{statistics.median(ratios):.2f} | {min(ratios):.2f} – {max(ratios):.2f}" if player is not ours else " | "
            print(f"| {player.name} | {statistics.median(ms):.2f} | {min(ms):.2f} – {max(ms):.2f} | {shown} |", flush=True)
        fastest = min(players[1:], key=lambda player: statistics.median(player.seconds))
        ratio = statistics.median(a / b for a, b in zip(ours.seconds, fastest.seconds))
        print(f"\nours over the fastest ({fastest.name}): {ratio:.2f}, at most 0.6 wanted")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count (default 7)")
    parser.add_argument("--warm-up", type=int, default=1, help="rounds before that (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="threads for everybody (default 2)")
    parser.add_argument(
        "--wait-policy",
        choices=["default", "passive", "both"],
        default="both",
        help="OMP_WAIT_POLICY of PyTorch: spinning threads win on an idle machine, sleeping ones on a busy one (default both)",
    )
    parser.add_argument("--json", help="file for all figures")
    parser.add_argument("--ours", help="a built ours_gan, instead of building it")
    parser.add_argument("--worker", choices=SHAPES, help=argparse.SUPPRESS)
    parser.add_argument("--mode", default="eager", help=argparse.SUPPRESS)
    parser.add_argument("--penalty", type=float, default=0.0, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, default=100, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        worker(arguments.worker, arguments.mode == "fused", arguments.penalty, arguments.threads, arguments.steps)
    elif min(arguments.rounds, arguments.threads) < 1 or arguments.warm_up < 0:
        parser.error("--rounds and --threads are at least 1, --warm-up at least 0")
    else:
        referee(arguments)


if __name__ == "__main__":
    main()
