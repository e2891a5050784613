#!/usr/bin/env bash
# Mutants: changes the mathematics in small ways and asks whether a test or a claim notices.
#
#     scripts/mutants.sh PACKAGE [OPTION …]      all of a package, or a sample: --shard 1/20
#     scripts/mutants.sh --changed BASE          only the lines that differ from a commit
#
# PACKAGE is a chapter's library (ch06-gaussian-kl-lib) or one of prob, nn, score, data; options go to cargo-mutants. Each
# mutant costs a build or two, about a minute on two cores. The mutants that nothing noticed are listed, and what came of a package
# is written to benches/results/mutants-PACKAGE.json.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# The chapter whose claims stand on the package, besides its own tests.
claims_on() {
    case $1 in
    ch*-lib) echo "${1%%-*}" ;;
    prob | score) echo ch06 ;;
    nn | data) echo ch07 ;;
    *)
        echo "no mutants are made of \`$1\`: expected a chapter's library or one of prob, nn, score, data" >&2
        exit 2
        ;;
    esac
}

# The package's own tests first, which are quick to build; then, for the mutants that they miss, the claims.
mutate() {
    local package=$1 claims
    shift
    claims=$(claims_on "$package")
    cargo mutants --package "$package" "$@" || true
    # cargo-mutants would try the unchanged tree with the package's own tests once more: the claims are tried here.
    export EVIDENCE_CLAIMS=$claims
    cargo test --quiet --package course --test claims
    cargo mutants --iterate --baseline skip --timeout 300 --package "$package" --test-package course \
        --cargo-arg=--test=claims "$@" || true
}

lines() {
    if [[ -s mutants.out/$1.txt ]]; then wc -l <"mutants.out/$1.txt"; else echo 0; fi
}

# What a reader of the results wants to know: how many mutants could be built, and which of them lived.
summary() {
    local caught=$(($(lines caught) + $(lines previously_caught) + $(lines timeout))) missed
    missed=$(lines missed)
    printf '{\n  "package": "%s",\n  "options": "%s",\n  "viable": %d,\n  "caught": %d,\n  "missed": %d,\n  "survivors": [' \
        "$1" "$2" $((caught + missed)) "$caught" "$missed"
    sed 's/["\\]/\\&/g; s/.*/    "&"/; $!s/$/,/; 1s/^/\n/; $s/$/\n  /' mutants.out/missed.txt
    printf ']\n}\n'
}

(($# > 0)) || usage
if ! cargo mutants --version >/dev/null 2>&1; then
    echo "cargo-mutants is not here: cargo install --locked cargo-mutants" >&2
    exit 1
fi
if [[ $1 == --changed ]]; then
    (($# == 2)) || usage
    change=$(mktemp)
    trap 'rm -f "$change"' EXIT
    git diff "$2" -- 'chapters/*/src' 'crates/*/src' >"$change"
    survivors=0
    for folder in $(git diff --name-only "$2" | sed -nE 's,^((chapters|crates)/[^/]+)/src/.*,\1,p' | sort -u); do
        package=$(sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -1)
        (claims_on "$package") >/dev/null 2>&1 || continue
        mutate "$package" --in-diff "$change"
        survivors=$((survivors + $(lines missed)))
    done
    exit $((survivors > 0))
fi
package=$1
shift
mutate "$package" "$@"
summary "$package" "$*" >"benches/results/mutants-$package.json"
cat "benches/results/mutants-$package.json"
