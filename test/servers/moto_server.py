"""moto's server, as S3 is: one write at a time, and uploads in parts listed with the time they were begun.

moto itself looks at a condition and then writes, in two steps, and gives every upload a time in 2010.
"""

import re
import sys
import threading
import time

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

lock = threading.Lock()
moto = DomainDispatcherApplication(create_backend_app)
begun = {}
UPLOAD = re.compile(rb"<UploadId>([^<]+)</UploadId>")
LISTED = re.compile(rb"<Upload>.*?</Upload>", re.S)


def like_s3(environ, start_response):
    if environ["REQUEST_METHOD"] == "GET":
        body = moto(environ, start_response)
        if not re.search(r"(^|&)uploads=?(&|$)", environ["QUERY_STRING"]):
            return body
        return [LISTED.sub(lambda found: with_time(found[0]), b"".join(body))]
    if environ["REQUEST_METHOD"] == "HEAD":
        return moto(environ, start_response)
    with lock:
        content = b"".join(moto(environ, start_response))
    for upload in UPLOAD.findall(content):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        begun.setdefault(upload, now.encode())
    return [content]


def with_time(listed):
    """Of the same length as moto's, whose headers are sent already."""
    return listed.replace(b"2010-11-10T20:48:33.000Z", begun[UPLOAD.search(listed)[1]])


run_simple("127.0.0.1", int(sys.argv[1]), like_s3, threaded=True)
