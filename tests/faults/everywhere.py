"""Starts the fault server of ../shared on every address of 127/8, so that each feed can have a host of its own.

    python3 everywhere.py FOLDER-OF-THE-SERVER [ARGUMENTS OF THE SERVER]
"""
import socket
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import fault_server  # noqa: E402  (its folder is known only now)

AT_ONCE = 1024


class Listener(socket.socket):
    """A socket with room for all feeds that call at once."""

    def listen(self, backlog=AT_ONCE):
        super().listen(max(backlog, AT_ONCE))


class Everywhere(fault_server.Server):
    """The server, its ports open on all of this machine's addresses. The namespace has no others than loopback."""

    def listen(self, port, what, accept, host=None):
        super().listen(port, what, accept, host or "0.0.0.0")


socket.socket = Listener
fault_server.Server = Everywhere
sys.argv = ["fault_server.py", *sys.argv[2:]]
fault_server.main()
