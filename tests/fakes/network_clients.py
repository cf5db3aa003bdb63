"""Clients as skills write them, each as code that a worker runs with `url` and `port`; it answers what the server said."""

URLLIB = """
    import urllib.request
    with urllib.request.urlopen(url, timeout=10) as response:
        answer = response.read().decode()
"""
HTTP_CLIENT = """
    import http.client, ssl
    connection = http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context())
    connection.request("GET", "/x")
    answer = connection.getresponse().read().decode()
    connection.close()
"""
HTTPX = """
    import httpx
    answer = httpx.get(url).text
"""
REQUESTS = """
    import requests
    answer = requests.get(url, timeout=10).text
"""
SSL = """
    import socket, ssl
    with socket.create_connection(("localhost", port), timeout=10) as plain:
        with ssl.create_default_context().wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(b"GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
            answer = b"".join(iter(lambda: tls.recv(1000), b"")).partition(b"\\r\\n\\r\\n")[2].decode()
"""
SSL_BEFORE_CONNECTING = """
    import socket, ssl
    with ssl.create_default_context().wrap_socket(socket.socket(), server_hostname="localhost") as tls:
        tls.settimeout(10)
        tls.connect(("localhost", port))
        tls.sendall(b"GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        answer = b"".join(iter(lambda: tls.recv(1000), b"")).partition(b"\\r\\n\\r\\n")[2].decode()
"""
THREADS = """
    import concurrent.futures, urllib.request
    def get(number):
        with urllib.request.urlopen(url) as response:
            return response.read().decode()
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        answer, = set(threads.map(get, range(16)))
"""
SELECT = """
    import select, socket, ssl
    plain = socket.socket()
    plain.setblocking(False)
    assert plain.connect_ex((socket.gethostbyname("localhost"), port)) == 115
    _, writable, _ = select.select([], [plain], [], 10)
    assert writable and plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert plain.connect_ex(("localhost", port)) == 106
    plain.settimeout(10)
    with ssl.create_default_context().wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        answer = b"".join(iter(lambda: tls.recv(1000), b"")).partition(b"\\r\\n\\r\\n")[2].decode()
"""
ASYNCIO = """
    import asyncio
    async def main():
        reader, writer = await asyncio.open_connection("localhost", port, ssl=True)
        writer.write(b"GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\\r\\n\\r\\n")[2].decode()
"""
HTTPX_ASYNC = """
    import httpx
    async def main():
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).text
"""
AIOHTTP = """
    import aiohttp
    async def main():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.text()
"""
ANYIO = """
    import anyio
    async def main():
        async with await anyio.connect_tcp("localhost", port, tls=True, tls_standard_compatible=False) as stream:
            await stream.send(b"GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
            answer = b""
            try:
                while True:
                    answer += await stream.receive()
            except anyio.EndOfStream:
                return answer.partition(b"\\r\\n\\r\\n")[2].decode()
"""
SYNC = {
    "urllib": URLLIB,
    "http.client": HTTP_CLIENT,
    "httpx": HTTPX,
    "requests": REQUESTS,
    "ssl": SSL,
    "ssl before connecting": SSL_BEFORE_CONNECTING,
    "threads": THREADS,
    "select": SELECT,
}
ASYNC = {"asyncio": ASYNCIO, "httpx, async": HTTPX_ASYNC, "aiohttp": AIOHTTP, "anyio": ANYIO}
TELLS_NO_REASON = {SELECT, HTTPX_ASYNC, ANYIO}
"""Of why a connection failed, these clients tell their caller nothing; what the call was refused is known all the same."""
