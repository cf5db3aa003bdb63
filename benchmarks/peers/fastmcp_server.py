"""The server process of the FastMCP peer, over stdio."""

from fastmcp import FastMCP

from benchmarks.peers.answering import find

server = FastMCP("notes")
server.tool(find)

if __name__ == "__main__":
    server.run("stdio", show_banner=False)
