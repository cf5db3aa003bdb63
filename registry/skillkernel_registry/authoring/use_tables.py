"""What calls of the standard library and of well-known clients do, by the dotted path that they are reached by."""

NETWORK_MODULES = frozenset(
    [
        *("socket", "urllib.request", "http.client", "ftplib", "smtplib", "poplib", "imaplib", "xmlrpc.client"),
        *("httpx", "httpx2", "requests", "aiohttp", "urllib3", "niquests", "websockets", "websocket", "paramiko"),
        *("asyncssh", "grpc", "pycurl", "boto3", "botocore", "openai", "anthropic", "redis", "psycopg", "psycopg2"),
        *("pymysql", "asyncpg", "pymongo", "caldav", "imapclient", "aiosmtplib"),
    ]
)
"""Imported for the network; `socket` and `urllib.request` have harmless parts too, so an import alone proves nothing."""
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request", "stream")
NETWORK_CALLS = frozenset(
    [
        *("urllib.request.urlopen", "urllib.request.urlretrieve", "socket.create_connection", "socket.getaddrinfo"),
        *("http.client.HTTPConnection", "http.client.HTTPSConnection", "asyncio.open_connection", "ftplib.FTP"),
        *("ftplib.FTP_TLS", "smtplib.SMTP", "smtplib.SMTP_SSL", "poplib.POP3", "poplib.POP3_SSL", "imaplib.IMAP4"),
        *("imaplib.IMAP4_SSL", "xmlrpc.client.ServerProxy", "aiohttp.ClientSession", "aiohttp.request"),
        *("requests.Session", "requests.session", "httpx.Client", "httpx.AsyncClient", "urllib3.PoolManager"),
        *("websockets.connect", "websockets.sync.client.connect", "aiosmtplib.send"),
        *(f"{client}.{verb}" for client in ("httpx", "httpx2", "requests", "niquests", "urllib3") for verb in _VERBS),
    ]
)
SENDING_CALLS = frozenset(
    [
        *("smtplib.SMTP", "smtplib.SMTP_SSL", "aiosmtplib.send"),
        *(
            f"{client}.{verb}"
            for client in ("httpx", "httpx2", "requests", "niquests")
            for verb in ("post", "put", "patch", "delete")
        ),
    ]
)
SENDING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROGRAM_CALLS = (
    *("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty."),
    *("asyncio.create_subprocess_", "multiprocessing.", "concurrent.futures.ProcessPoolExecutor"),
)
"""Beginnings of paths: none of these works behind the walls, or not everywhere."""
WRITING_CALLS = frozenset(
    [
        *("os.remove", "os.unlink", "os.rename", "os.replace", "os.truncate", "os.symlink", "os.link", "shutil.copy"),
        *("shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move", "shutil.rmtree"),
    ]
)
WRITING_METHODS = frozenset(
    {"write_text", "write_bytes", "unlink", "rename", "touch", "symlink_to", "hardlink_to", "rmdir"}
)
WRITING_SQL = ("INSERT", "UPDATE", "DELETE", "REPLACE", "DROP", "ALTER")
PATH_CALLS = frozenset(
    [
        *("open", "io.open", "os.open", "os.listdir", "os.scandir", "os.stat", "os.walk", "pathlib.Path"),
        *("pathlib.PosixPath", "sqlite3.connect", "glob.glob", *WRITING_CALLS),
    ]
)
"""Their first argument is a path."""
OWN_PLACES = ("/tmp", "/dev/null", "/dev/urandom", "/proc/self", "/usr/share/zoneinfo")  # noqa: S108 # the sandbox's own
SET_VARIABLES = frozenset({"HOME", "LANG", "PATH", "TMPDIR", "TZ"})
"""What the sandbox sets itself, so that no permission is needed."""
CONTEXT_SERVICES = {"ask_model": "model", "remember": "memory", "recall": "memory"}
OPAQUE_CALLS = frozenset({"eval", "exec", "compile", "__import__", "importlib.import_module"})
"""What a reader of the source cannot see through."""
