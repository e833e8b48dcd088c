"""moto's server, with one write at a time: moto itself looks at a condition and then writes, in two steps."""

import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

lock = threading.Lock()
moto = DomainDispatcherApplication(create_backend_app)


def one_write_at_a_time(environ, start_response):
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        return moto(environ, start_response)
    with lock:
        return moto(environ, start_response)


run_simple("127.0.0.1", int(sys.argv[1]), one_write_at_a_time, threaded=True)
