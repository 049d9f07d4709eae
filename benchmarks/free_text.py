"""How much the masks of free text let through and how much they take too much, on planted complaints; the table of docs/methods/free_text.md.

``known`` patterns stood beside the masks when they were written, ``held_out`` ones did not.
"""

import argparse
import time
from collections import Counter

import numpy as np

from gis.dispatch.free_text import masks
from tests.gis.dispatch.complaint_maker import Complaint, complaints, false_masks, outcomes

SEED = 20261128


def spans_of(made: list[Complaint]) -> list[list[tuple[int, int]]]:
    """Masked places of each sentence."""
    return [[(each.start, each.end) for each in masks(complaint.text)] for complaint in made]


def table(count: int, seed: int = SEED) -> list[str]:
    """Rows of the table: recall by kind and set, ways of writing that are missed at times, then false masks."""
    rows = []
    for name in ("known", "held_out"):
        made = complaints(name, count, np.random.default_rng(seed))
        spans = spans_of(made)
        planted: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for kind, gone in outcomes(made, spans):
            for line in {kind, kind.partition(".")[0]}:
                planted[line] += 1
                found[line] += gone
        for line in sorted(planted):
            if "." not in line or found[line] < planted[line]:
                share = found[line] / planted[line]
                rows.append(f"| {name} | {line} | {found[line]:,} | {planted[line]:,} | {share:.1%} |")
        false = false_masks(made, spans)
        rows.append(f"| {name} | false masks | {false:,} | {count:,} sentences | {false / count:.1%} |")
    for name in ("innocent_known", "innocent_held_out"):
        spans = spans_of(complaints(name, count, np.random.default_rng(seed)))
        touched = sum(bool(each) for each in spans)
        rows.append(f"| {name} | masked sentences | {touched:,} | {count:,} sentences | {touched / count:.1%} |")
    return rows


def main() -> None:
    """Print the table, and with ``--misses`` some sentences that were read wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=2000, help="of each set")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--misses", metavar="SET", help="print what was missed or masked too much in a set")
    options = parser.parse_args()
    if options.misses:
        made = complaints(options.misses, options.sentences, np.random.default_rng(options.seed))
        for complaint, found in zip(made, spans_of(made), strict=True):
            wrong = [kind for kind, gone in outcomes([complaint], [found]) if not gone]
            if wrong or false_masks([complaint], [found]):
                print(wrong, complaint.text, [complaint.text[a:b] for a, b in found])
        return
    started = time.process_time()
    print("| set | kind | masked | planted or read | share |\n|---|---|---|---|---|")
    print("\n".join(table(options.sentences, options.seed)))
    print(f"{4 * options.sentences / (time.process_time() - started):,.0f} sentences a second")


if __name__ == "__main__":
    main()
