"""Amazon's Signature Version 4, made by botocore's signer for requests that httpx sends."""

import httpx


def signed(request: httpx.Request, access_key: str, secret: str, region: str, service: str) -> httpx.Request:
    """The same request with Amazon's signature in its headers, made from its method, address and body. `service` is
    the name in the signature ("ses", "sns"). Good for five minutes, so it is signed right before it is sent."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    kind = request.headers.get("content-type")  # with host and x-amz-date: what a proxy may change is not signed
    twin = AWSRequest(request.method, str(request.url), {"content-type": kind} if kind else {}, request.content)
    SigV4Auth(Credentials(access_key, secret), service, region).add_auth(twin)
    request.headers.update(dict(twin.headers.items()))
    return request


def endpoint(base_url: str | None, host: str, region: str) -> str:
    """The address of a service in a region, unless the settings name another: `email` for SES, `sns` for SNS."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return base_url or f"https://{host}.{region}.{suffix}"
