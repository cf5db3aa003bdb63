"""An index for people and for other installers: pages to look at, and lists that pip and uv read."""
