"""From what was asked for to one release of each skill: the choice itself is pure, what feeds it is not."""
