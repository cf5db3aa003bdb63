"""Keeping an index: what its publisher runs to sign it, add to it, mend it and look it over."""
