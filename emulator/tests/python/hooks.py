"""What a run of schemathesis leaves alone: calls that would end the run itself, and what the document can't say."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends one credential, and generates keys in the slot that the run doesn't use."""
    headers = {name.lower(): name for name in case.headers or {}}
    if "x-api-key" in headers and "authorization" in headers:
        # Two credentials are refused, which OpenAPI can't express.
        del case.headers[headers["authorization"]]
    if isinstance(case.body, dict) and case.body.get("type") == "secondary":
        case.body["type"] = "primary"
