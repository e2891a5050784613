"""What the programs share. Each reads a file of values, computes its results again from its inputs, and says how far they
are from those in the file. With `--write` they replace them."""
import json
import sys
from pathlib import Path

from mpmath import mpf

VALUES = Path(__file__).resolve().parent.parent / "src" / "values"


def read(name):
    return json.loads((VALUES / f"{name}.json").read_text())


def pairs(old, new):
    """The numbers of two values of one shape, side by side."""
    if isinstance(old, dict):
        assert old.keys() == new.keys(), (list(old), list(new))
        for key in old:
            if key != "about":
                yield from pairs(old[key], new[key])
    elif isinstance(old, list):
        assert len(old) == len(new), (len(old), len(new))
        for a, b in zip(old, new):
            yield from pairs(a, b)
    else:
        yield mpf(old), mpf(new)


def settle(name, new, tolerance, unit=0):
    """`unit` is the size below which an error counts as one of a number of that size: of numbers that are small because
    larger ones cancel."""
    if "--write" in sys.argv:
        (VALUES / f"{name}.json").write_text(json.dumps(new, indent=1) + "\n")
        return
    compared = list(pairs(read(name), new))
    report(name, compared, tolerance, unit)


def report(name, compared, tolerance, unit=0):
    worst = max(abs(a - b) / max(abs(a), unit, mpf(10) ** -400) for a, b in compared)
    print(f"{name}: {len(compared)} numbers, off by {float(worst):.1e} at most (allowed: {tolerance:.0e})")
    if worst > tolerance:
        sys.exit(f"{name} is not what this program computes")
