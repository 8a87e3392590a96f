"""Checks specific to the platform, and values that schemathesis must not send."""

import schemathesis

TOKEN_MISSING = 99991661


@schemathesis.check
def missing_token_is_refused(ctx, response, case):
    """An endpoint with tokens refuses a request without one with HTTP 400 and the documented code."""
    accepts = case.operation.definition.raw.get("security", [])
    if not accepts or {} in accepts or "Authorization" in response.request.headers or response.status_code == 404:
        return
    seen = (response.status_code, response.json().get("code"))
    assert seen == (400, TOKEN_MISSING), f"unexpected response to a request without a token: {seen}"


@schemathesis.check
def response_has_log_id(ctx, response, case):
    """Every response has a log id for the platform's support."""
    assert response.headers.get("x-tt-logid"), "the response has no X-Tt-Logid"


@schemathesis.hook
def map_query(ctx, query):
    """Media tokens contain no comma: the mock server refuses joined tokens."""
    tokens = (query or {}).get("file_tokens")
    if isinstance(tokens, list):
        query["file_tokens"] = [token.replace(",", ";") if isinstance(token, str) else token for token in tokens]
    return query
