"""Stores files in the mock server and checks its recorded requests."""

import json
import os
import sys
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

ENDPOINTS = {
    "auth.v3.tenant_access_token.internal",
    "baike.v1.file.download",
    "drive.v1.export_task.download",
    "drive.v1.media.batch_get_tmp_download_url",
    "drive.v1.media.download",
    "im.v1.file.get",
}


def send(method: str, path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(os.environ["LARKSPUR_BASE_URL"] + path, data=body, method=method)
    request.add_header("Content-Type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


def put(directory: str) -> None:
    for file in Path(directory).iterdir():
        name = urllib.parse.quote(f"文件 {file.name}.bin")
        send("PUT", f"/_mock/files/{file.name}?name={name}", file.read_bytes())


def check_requests() -> None:
    """Every endpoint was called once, including that of the token, and succeeded."""
    requests = json.loads(send("GET", "/_mock/requests"))
    seen = Counter((request["endpoint"], request["status"]) for request in requests)
    expected = Counter((endpoint, 200) for endpoint in ENDPOINTS)
    if seen != expected:
        sys.exit(f"expected one 200 of each of {sorted(ENDPOINTS)}, got {dict(seen)}")


if __name__ == "__main__":
    {"put": put, "check": check_requests}[sys.argv[1]](*sys.argv[2:])
