"""Calls the mock server with the client that openapi-python-client has generated from the OpenAPI document.

The environment has the package of the client on PYTHONPATH and the credentials of the mock server.
"""

import os

from feishu_lark_open_platform_client import AuthenticatedClient, Client
from feishu_lark_open_platform_client.api.auth_v3_tenant_access_token import (
    auth_v3_tenant_access_token_internal as get_token,
)
from feishu_lark_open_platform_client.api.drive_v1_media import drive_v1_media_download as download
from feishu_lark_open_platform_client.api.sheets_v3_spreadsheet_sheet_float_image import (
    sheets_v3_spreadsheet_sheet_float_image_query as images,
)
from feishu_lark_open_platform_client.models import AuthV3TenantAccessTokenInternalBody, Failure
from feishu_lark_open_platform_client.types import File

base_url = os.environ["LARKSPUR_BASE_URL"]
body = AuthV3TenantAccessTokenInternalBody(
    app_id=os.environ["LARKSPUR_APP_ID"], app_secret=os.environ["LARKSPUR_APP_SECRET"]
)
token = get_token.sync(client=Client(base_url=base_url), body=body).tenant_access_token

client = AuthenticatedClient(base_url=base_url, token=token, raise_on_unexpected_status=True)
file = download.sync(file_token="boxcnGenerated", client=client)
assert isinstance(file, File) and file.payload.read(), file

part = download.sync_detailed(file_token="boxcnGenerated", range_="bytes=0-3", client=client)
assert part.status_code == 206 and len(part.parsed.payload.read()) == 4, part

# Each documented status has a typed error.
for status, code in [(400, 1310214), (500, 1315201)]:
    failing = client.with_headers({"x-mock-error": str(code)})
    response = images.sync_detailed("shtcn1", "sheet1", client=failing)
    assert response.status_code == status, response
    assert isinstance(response.parsed, Failure) and response.parsed.code == code, response
