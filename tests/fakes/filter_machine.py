"""The kernel's filter machine, as far as our filters use it: runs one on one system call and says what was decided."""

import struct
from collections.abc import Sequence

from skillkernel.worker.seccomp import Instruction

ALLOW, KILL, ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000


class FilterMachine:
    """struct seccomp_data in, an action out; `visited` are the instructions that any run has reached."""

    def __init__(self, program: Sequence[Instruction]) -> None:
        self._program = program
        self.visited: set[int] = set()

    def run(self, number: int, architecture: int, arguments: Sequence[int] = ()) -> int:
        """The action for one call; arguments are 64 bits wide."""
        padded = [*arguments, *([0] * (6 - len(arguments)))]
        data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
        accumulator, at = 0, 0
        while True:
            self.visited.add(at)
            code, if_true, if_false, operand = self._program[at]
            at += 1
            if code == 0x20:
                (accumulator,) = struct.unpack_from("<I", data, operand)
            elif code == 0x54:
                accumulator &= operand
            elif code == 0x15:
                at += if_true if accumulator == operand else if_false
            elif code == 0x35:
                at += if_true if accumulator >= operand else if_false
            elif code == 0x06:
                return operand
            else:
                raise ValueError(f"instruction {at - 1} has the unknown code {code:#x}")
