"""Runs a command in a pseudo-terminal: terminal.py COLUMNS [--interrupt-at TEXT] -- COMMAND …

Copies what the terminal gets to stdout and ends with the command's exit code (128 + signal when one ended it).
Types Ctrl-C once TEXT was printed.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

columns = int(sys.argv[1])
separator = sys.argv.index("--")
interrupt_at = sys.argv[3].encode() if separator > 2 else None
command = sys.argv[separator + 1 :]

pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    os.execvp(command[0], command)

seen = b""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # Linux says EIO where the command has closed its end.
        break
    if not chunk:
        break
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    seen += chunk
    if interrupt_at is not None and interrupt_at in seen:
        interrupt_at = None
        os.write(terminal, b"\x03")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
