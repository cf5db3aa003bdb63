"""Places where an index can be kept, beside a plain folder: a git working tree, a web server, a bucket."""
