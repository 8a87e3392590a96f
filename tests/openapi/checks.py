"""What schemathesis does not know of the platform: checks, and values that it has to leave out."""

import schemathesis

TOKEN_MISSING = 99991661


@schemathesis.check
def no_token_no_answer(ctx, response, case):
    """An endpoint that takes a token answers a call without one with HTTP 400 and the code for that."""
    takes = case.operation.definition.raw.get("security", [])
    if not takes or {} in takes or "Authorization" in response.request.headers or response.status_code == 404:
        return
    seen = (response.status_code, response.json().get("code"))
    assert seen == (400, TOKEN_MISSING), f"a call without a token was answered with {seen}"


@schemathesis.check
def every_answer_has_a_log_id(ctx, response, case):
    """The id by which the platform's support finds a call comes with every answer."""
    assert response.headers.get("x-tt-logid"), "the answer has no X-Tt-Logid"


@schemathesis.hook
def map_query(ctx, query):
    """No token of a media holds a comma: the stand-in takes that for several that were joined."""
    tokens = (query or {}).get("file_tokens")
    if isinstance(tokens, list):
        query["file_tokens"] = [token.replace(",", ";") if isinstance(token, str) else token for token in tokens]
    return query
