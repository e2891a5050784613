# `just` runs these; every recipe is one command that can also be typed by hand.

# Lists the recipes.
default:
    @just --list

# All tests of the workspace.
test:
    cargo test --workspace

# Every claim of the course: it holds, and each of its falsifiers is rejected.
verify *FLAGS:
    cargo course verify {{FLAGS}}

# The book's figures, from the programs of the chapters; names of chapters go through, as in `just figures ch06`.
figures *FLAGS:
    cargo course figures {{FLAGS}}

# Formatting and lints, as strict as in CI.
lint:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets -- -D warnings

# Chapter 7 on MNIST; flags go through, as in `just vae --latent 2`.
vae *FLAGS:
    cargo run -p ch07-vae -- {{FLAGS}}

# Chapter 7 on the optical digits, in seconds.
vae-quick *FLAGS:
    cargo run -p ch07-vae -- --quick {{FLAGS}}

# Benchmarks, then how near the training step comes to its own matrix products.
bench *FLAGS:
    cargo bench -p benches -- {{FLAGS}}
    cargo run -p benches --bin arithmetic_rate

# Epochs beside PyTorch; benches/peers/README.md says how to install it.
peers *FLAGS:
    benches/peers/.venv/bin/python benches/peers/epoch.py {{FLAGS}}

# Everything that has to be green. # teacher
ci: # teacher
    .ci/run # teacher

# Small changes of the mathematics, as in `just mutants ch06-gaussian-kl-lib --shard 1/20`: does anything notice? # teacher
mutants PACKAGE *FLAGS: # teacher
    scripts/mutants.sh {{PACKAGE}} {{FLAGS}} # teacher
