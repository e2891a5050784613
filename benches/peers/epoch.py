#!/usr/bin/env python3
"""Seconds per epoch: this project beside PyTorch, epoch by epoch in one run.

The same model (784-400-20-400-784, ReLU, Bernoulli pixels), the same MNIST as bytes in memory, a fresh
binarization of every batch, batches of 128 with the short last one, Adam with a learning rate of 1e-3,
and the same number of threads. Each contestant is a process of its own that trains one epoch when told
to and then sleeps; a round is one epoch of each, one after the other, so that other work on the machine
disturbs all of them alike. The ratios are taken within rounds. An epoch during which other processes took
more than a tenth of a core is run again: spinning OpenMP threads that have to share a core become twenty
times slower, which would say nothing about PyTorch.
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
MODES = ["eager", "eager, fused Adam", "torch.compile, fused Adam"]


# One contestant: a process that answers a line with an epoch.


def worker(mode: str, threads: int, seed: int) -> None:
    """Trains with PyTorch, an epoch for each line on standard input."""
    import numpy
    import torch
    import torch.nn.functional as F
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    with gzip.open(ROOT / "data/mnist/train-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16).copy()
    images = torch.from_numpy(pixels).view(-1, 784)

    class Vae(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(784, 400)
            self.fc_mu = nn.Linear(400, 20)
            self.fc_logvar = nn.Linear(400, 20)
            self.fc3 = nn.Linear(20, 400)
            self.fc4 = nn.Linear(400, 784)

        def forward(self, x):
            h = F.relu(self.fc1(x))
            mean, log_var = self.fc_mu(h), self.fc_logvar(h)
            z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
            return self.fc4(F.relu(self.fc3(z))), mean, log_var

    model = Vae()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused="fused" in mode)

    def negative_elbo(x):
        logits, mean, log_var = model(x)
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = 0.5 * (mean * mean + log_var.exp() - log_var - 1).sum()
        return (reconstruction + kl) / len(x)

    loss_of = torch.compile(negative_elbo, dynamic=False) if "compile" in mode else negative_elbo

    def binarize(grey):
        # One with probability grey/255 exactly, and the fastest of seven ways that were tried;
        # torch.bernoulli takes a third longer.
        return (torch.randint(0, 255, grey.shape, dtype=torch.uint8) < grey).float()

    for epoch, _ in enumerate(sys.stdin):
        start = time.perf_counter()
        total = 0.0
        for batch in torch.randperm(len(images)).split(128):
            x = binarize(images[batch])
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        seconds = time.perf_counter() - start
        answer = {"epoch": epoch, "seconds": seconds, "elbo_nats": -total / len(images)}
        print(json.dumps(answer), flush=True)


# The referee.


def busy_seconds():
    """Processor time that the whole machine has spent so far; None where /proc does not tell."""
    try:
        with open("/proc/stat") as file:
            user, nice, system, _idle, _iowait, *interrupts_and_steal = map(int, file.readline().split()[1:9])
    except OSError:
        return None
    return (user + nice + system + sum(interrupts_and_steal)) / os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    """Processor time that a process has spent so far, all its threads together."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(limit, patience):
    """Waits until other processes leave the processor alone for half a second, or patience ends."""
    until = time.monotonic() + patience
    while (before := busy_seconds()) is not None:
        time.sleep(0.5)
        if (busy_seconds() - before) / 0.5 <= limit or time.monotonic() > until:
            return


class Contestant:
    """A process that trains an epoch when it is sent a line."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.seconds, self.elbo, self.disturbed = [], [], 0
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def epoch(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"{self.name}: ended with code {self.process.wait()}, see above")
        return json.loads(line)

    def measured_epoch(self):
        """An epoch, and how many cores other processes took from it on average."""
        before = busy_seconds()
        if before is None:
            return self.epoch() | {"others": 0.0}
        own = processor_seconds(self.process.pid)
        start = time.monotonic()
        answer = self.epoch()
        elapsed = time.monotonic() - start
        others = busy_seconds() - before - (processor_seconds(self.process.pid) - own)
        return answer | {"others": max(0.0, others) / elapsed}

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def contestants(arguments):
    epochs = str(arguments.rounds * arguments.attempts + arguments.warm_up)
    threads = str(arguments.threads)
    run = ["cargo", "run", "--quiet", "-p", "benches", "--bin", "ours_epoch", "--"]
    yield Contestant("this project", [*run, "--epochs", epochs, "--threads", threads])
    policies = ["default", "passive"] if arguments.wait_policy == "both" else [arguments.wait_policy]
    for mode in arguments.modes:
        for policy in policies:
            command = [sys.executable, __file__, "--worker", mode, "--threads", threads]
            environment = {"OMP_WAIT_POLICY": "passive"} if policy == "passive" else {}
            name = f"PyTorch {mode}" + (", passive" if policy == "passive" else "")
            yield Contestant(name, command, environment)


def referee(arguments):
    subprocess.run(["cargo", "build", "--quiet", "-p", "benches", "--bin", "ours_epoch"], cwd=ROOT, check=True)
    players = list(contestants(arguments))
    for turn in range(arguments.warm_up + arguments.rounds):
        warm_up = turn < arguments.warm_up
        label = "warm-up" if warm_up else f"round {turn + 1 - arguments.warm_up}"
        # The order turns, so that nobody always runs after the same neighbour.
        shift = turn % len(players)
        for player in players[shift:] + players[:shift]:
            for attempt in range(1 if warm_up else arguments.attempts):
                if not warm_up:
                    wait_until_quiet(arguments.quiet, arguments.patience)
                answer = player.measured_epoch()
                seconds, others, elbo = answer["seconds"], answer["others"], answer["elbo_nats"]
                disturbed = others > arguments.quiet
                note = f"   disturbed: {others:.2f} cores" if disturbed else ""
                print(f"{label:>8}  {player.name:<44} {seconds:7.2f} s   ELBO {elbo:8.2f}{note}", flush=True)
                if not disturbed:
                    break
            if not warm_up:
                player.seconds.append(seconds)
                player.elbo.append(elbo)
                player.disturbed += disturbed
    for player in players:
        player.stop()
    table(players, arguments)


def table(players, arguments):
    ours, peers = players[0], players[1:]

    def ratios(peer):
        return [a / b for a, b in zip(ours.seconds, peer.seconds)]

    print(f"\nSeconds per epoch, {arguments.threads} threads, {arguments.rounds} rounds\n")
    print("|  | median | fastest – slowest | ours/theirs, median | from – to | last ELBO |")
    print("|---|---:|---:|---:|---:|---:|")
    for player in players:
        s, r = player.seconds, ratios(player)
        ratio = f"{statistics.median(r):.2f} | {min(r):.2f} – {max(r):.2f}" if player is not ours else " | "
        print(f"| {player.name} | {statistics.median(s):.2f} | {min(s):.2f} – {max(s):.2f} | {ratio} | {player.elbo[-1]:.1f} |")

    disturbed = sum(player.disturbed for player in players)
    if disturbed:
        print(f"\n{disturbed} of these epochs ran beside other work in spite of {arguments.attempts} attempts: distrust them.")

    def fastest(candidates):
        return min(candidates, key=lambda player: statistics.median(player.seconds), default=None)

    eager = fastest([p for p in peers if p.name.removesuffix(", passive") == "PyTorch eager"])
    print()
    for title, peer, target in [("eager", eager, 0.5), ("its best mode", fastest(peers), 0.7)]:
        if peer:
            ratio = statistics.median(ratios(peer))
            print(f"ours over {title} ({peer.name}): {ratio:.2f}, at most {target} wanted")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (default 5)")
    parser.add_argument("--warm-up", type=int, default=2, help="rounds before that (default 2)")
    parser.add_argument("--threads", type=int, default=2, help="threads for everybody (default 2)")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="PyTorch's modes")
    parser.add_argument(
        "--wait-policy",
        choices=["default", "passive", "both"],
        default="both",
        help="OMP_WAIT_POLICY of PyTorch: spinning threads win on an idle machine, sleeping ones on a "
        "busy one; 'both' lets every mode run with each and compares with the faster (default)",
    )
    parser.add_argument("--quiet", type=float, default=0.1, help="cores that others may take (default 0.1)")
    parser.add_argument("--attempts", type=int, default=8, help="attempts at a quiet epoch (default 8)")
    parser.add_argument("--patience", type=float, default=30, help="seconds to wait for quiet before each (default 30)")
    parser.add_argument("--worker", choices=MODES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        worker(arguments.worker, arguments.threads, seed=1)
    elif min(arguments.rounds, arguments.threads, arguments.attempts) < 1 or arguments.warm_up < 0:
        parser.error("--rounds, --threads and --attempts are at least 1, --warm-up at least 0")
    else:
        referee(arguments)


if __name__ == "__main__":
    main()
