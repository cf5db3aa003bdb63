"""Signed indexes: the client's side of The Update Framework, over the same files as any other index."""
