#!/usr/bin/env python3
"""robots_protego.py CASES: what Protego, Scrapy's parser of robots.txt, says about each case.

CASES holds (file, agent, path) triples, every part followed by U+0000. Prints `1` (allowed) or `0` for each.
"""
import sys

from protego import Protego

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    parts = file.read().split("\0")[:-1]
for robots, agent, path in zip(parts[::3], parts[1::3], parts[2::3]):
    print(int(Protego.parse(robots).can_fetch("https://x.example" + path, agent)))
