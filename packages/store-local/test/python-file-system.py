"""A live LocalFileSystem: one JSON request a line, one answer each."""

import base64
import json
import sys

from prefect.filesystems import LocalFileSystem

for line in sys.stdin:
    request = json.loads(line)
    block = LocalFileSystem(basepath=request["basepath"])
    path = request["path"]
    try:
        if request["do"] == "write":
            block.write_path(path, base64.b64decode(request["content"]))
            answer = {"path": str(block._resolve_path(path))}
        elif request["do"] == "read":
            content = block.read_path(path)
            answer = {"content": base64.b64encode(content).decode()}
        else:
            answer = {"path": str(block._resolve_path(path))}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    # ASCII with escapes: a path may hold half a surrogate pair.
    print(json.dumps(answer), flush=True)
