"""How an index is cut up, by how many skills it holds: pure decisions.

A first fetch costs the snapshot, a line a bin, and one bin, a line a skill of it. Both are equally long at about
sqrt(skills) bins; a line of a bin being longer than one of the snapshot, and compressing less, 3.2 times as many bins
make the least bytes.
"""

import math

LEAST_BITS = 4
MOST_BITS = 14
_BINS_PER_ROOT = 3.2
_FAR = 2
_PREFIXES = ((1_000, 0), (20_000, 2), (400_000, 3))
_LONGEST_PREFIX = 4


def wanted_bits(skills: int) -> int:
    """How many bits of a name's hash choose its bin."""
    return max(LEAST_BITS, min(MOST_BITS, round(math.log2(_BINS_PER_ROOT * math.sqrt(max(skills, 1))))))


def wanted_prefix(skills: int) -> int:
    """How many characters of a word choose its search file; 0 stands for one file with everything."""
    return next((prefix for most, prefix in _PREFIXES if skills <= most), _LONGEST_PREFIX)


def outgrown(skills: int, bits: int, prefix: int) -> bool:
    """Whether the index should be cut up anew when there is an occasion."""
    return wanted_bits(skills) > bits or wanted_prefix(skills) > prefix


def far_outgrown(skills: int, bits: int, prefix: int) -> bool:
    """Whether it should be cut up anew at once, because every publication writes too much."""
    return wanted_bits(skills) >= bits + _FAR or wanted_prefix(skills // 2) > prefix
