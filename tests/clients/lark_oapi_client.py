"""The five endpoints by lark-oapi, the platform's client for Python."""

import os
import sys
import urllib.request
from pathlib import Path

import lark_oapi as lark
from lark_oapi.api.baike.v1 import DownloadFileRequest
from lark_oapi.api.drive.v1 import (
    BatchGetTmpDownloadUrlMediaRequest,
    DownloadExportTaskRequest,
    DownloadMediaRequest,
)
from lark_oapi.api.im.v1 import GetFileRequest

client = (
    lark.Client.builder()
    .app_id(os.environ["LARKSPUR_APP_ID"])
    .app_secret(os.environ["LARKSPUR_APP_SECRET"])
    .domain(os.environ["LARKSPUR_BASE_URL"])
    .build()
)


def compare(endpoint: str, token: str, content: bytes) -> None:
    if content != (Path(os.environ["FILES"]) / token).read_bytes():
        sys.exit(f"lark-oapi: {endpoint} returned {len(content)} bytes that differ from the stored file")
    print(f"lark-oapi: {endpoint} matches")


def download(endpoint: str, call, request, token: str, option: lark.RequestOption | None = None) -> None:
    response = call(request, option)
    if not response.success():
        sys.exit(f"lark-oapi: {endpoint} failed: {response.raw.status_code} {response.raw.content!r}")
    compare(endpoint, token, response.file.read())


def links() -> None:
    endpoint = "drive.v1.media.batch_get_tmp_download_url"
    request = BatchGetTmpDownloadUrlMediaRequest.builder().file_tokens(["media_1", "im_1"]).build()
    response = client.drive.v1.media.batch_get_tmp_download_url(request)
    if not response.success():
        sys.exit(f"lark-oapi: {endpoint} failed: {response.code} {response.msg}")
    for link in response.data.tmp_download_urls:
        with urllib.request.urlopen(link.tmp_download_url, timeout=10) as file:
            compare(f"{endpoint} {link.file_token}", link.file_token, file.read())


download(
    "drive.v1.media.download",
    client.drive.v1.media.download,
    DownloadMediaRequest.builder().file_token("media_1").build(),
    "media_1",
)
links()
download(
    "drive.v1.export_task.download",
    client.drive.v1.export_task.download,
    DownloadExportTaskRequest.builder().file_token("export_1").build(),
    "export_1",
)
download(
    "im.v1.file.get",
    client.im.v1.file.get,
    GetFileRequest.builder().file_key("im_1").build(),
    "im_1",
)
download(
    "baike.v1.file.download",
    client.baike.v1.file.download,
    DownloadFileRequest.builder().file_token("baike_1").build(),
    "baike_1",
    # Required by the documentation; the client does not set it.
    lark.RequestOption.builder().headers({"Content-Type": "application/json; charset=utf-8"}).build(),
)
