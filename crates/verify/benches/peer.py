"""Measures math-verify over files of cases, and prints what it measured, a line each: name, tab, value.

A pair is timed with the parsing of both sides, in one process, with the library's own timeouts; CPU time, first pass.
"""

import json
import logging
import sys
import time

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

TARGETS = (LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig())


def read(text, is_bare):
    return parse(f"${text}$" if is_bare else text, extraction_config=TARGETS)


def seconds(case):
    mode = case.get("mode", "response")
    began = time.process_time()
    try:
        verify(read(case["gold"], mode != "text"), read(case["prediction"], mode == "answer"))
    except Exception:  # what it cannot do still took its time
        pass
    return time.process_time() - began


def main(paths):
    logging.disable(logging.CRITICAL)
    cases = [json.loads(line) for path in paths for line in open(path, encoding="utf-8") if line.strip()]
    times = sorted(seconds(case) for case in cases)
    mean = sum(times) / len(times)
    print(f"pairs\t{len(times)}")
    print(f"pairs/s, one core\t{1 / mean:.0f}")
    print(f"mean\t{mean * 1e6:.1f} µs")
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        print(f"{name}\t{times[round((len(times) - 1) * share)] * 1e6:.1f} µs")


if __name__ == "__main__":
    main(sys.argv[1:])
