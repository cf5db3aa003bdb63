"""A skill of one module that does what a pool has to cope with."""

DEMO = '''
BORN = os.urandom(8).hex()
STARTED = []

@hookimpl
def skillkernel_start(context):
    STARTED.append(dict(context.settings))

@hookimpl
def skillkernel_stop():
    open("stopped", "w").close()

@tool(effect="read")
def born() -> str:
    """Say when."""
    return BORN

@tool(effect="read")
def add(a: int, b: int = 2) -> int:
    """Add.

    Args:
        a: one.
        b: the other.
    """
    return a + b

@tool(effect="read")
def surroundings(context: Context) -> dict[str, str]:
    """What the call brought."""
    return {
        "settings": str(dict(context.settings)), "started": str(STARTED), "zone": time.tzname[0],
        "secret": context.secret("token"), "key": context.idempotency_key, "cwd": os.getcwd(),
    }

@tool(effect="read")
def fail(how: str) -> str:
    """Fail.

    Args:
        how: in which way.
    """
    if how == "expected":
        raise ToolError("there is no such day", hint="say another")
    if how == "exit":
        sys.exit(3)
    if how == "nan":
        return float("nan")
    if how == "object":
        return object()
    raise ValueError("not meant\\nto happen")

@tool(effect="read")
def wait(context: Context) -> str:
    """Wait until it is stopped."""
    context.progress(0.5, "half")
    open("waiting", "w").close()
    while True:
        context.check_cancelled()
        time.sleep(0.005)

@tool(effect="read")
async def wait_async(context: Context) -> str:
    """Wait until it is stopped."""
    import asyncio
    open("waiting", "w").close()
    try:
        await asyncio.sleep(60)
    finally:
        open("tidied", "w").close()

@tool(effect="read")
def meet(here: str, there: str) -> bool:
    """Meet another call.

    Args:
        here: own mark.
        there: the other's.
    """
    open(here, "w").close()
    while not os.path.exists(there):
        time.sleep(0.005)
    return True

@tool(effect="read")
def nap(ms: int, context: Context) -> int:
    """Nap.

    Args:
        ms: how long.
    """
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        context.check_cancelled()
        time.sleep(0.001)
    return ms

@tool(effect="read")
async def nap_async(ms: int) -> int:
    """Nap.

    Args:
        ms: how long.
    """
    import asyncio
    await asyncio.sleep(ms / 1000)
    return ms

@tool(effect="read")
def thread() -> str:
    """Name of the thread."""
    import threading
    return threading.current_thread().name

@tool(effect="read")
def text(size: int) -> str:
    """Long text.

    Args:
        size: of it.
    """
    return "é" * size
'''
