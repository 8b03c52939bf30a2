"""Amazon's signature against Amazon's own test suite for it."""

from datetime import UTC, datetime

import httpx
import pytest
import time_machine

from core.providers.aws import endpoint, signed

# aws-sig-v4-test-suite: get-vanilla, get-vanilla-query-order-key-case, post-x-www-form-urlencoded
SCOPE = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SUITE = [
    (
        httpx.Request("GET", "https://example.amazonaws.com/"),
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        httpx.Request("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1"),
        "host;x-amz-date",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        httpx.Request("POST", "https://example.amazonaws.com/", headers=FORM, content=b"Param1=value1"),
        "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
]


@pytest.mark.parametrize(("request_", "names", "signature"), SUITE)
@time_machine.travel(datetime(2015, 8, 30, 12, 36, tzinfo=UTC), tick=False)
def test_signs_as_amazon_does(request_: httpx.Request, names: str, signature: str):
    """Method, address, body and a few headers, in the scope of a day, a region and a service."""
    found = signed(request_, "AKIDEXAMPLE", SECRET, "us-east-1", "service")
    assert found.headers["x-amz-date"] == "20150830T123600Z"
    expected = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders={names}, Signature={signature}"
    assert found.headers["authorization"] == expected


@pytest.mark.parametrize(
    ("base_url", "region", "address"),
    [
        (None, "eu-west-1", "https://email.eu-west-1.amazonaws.com"),
        (None, "cn-north-1", "https://email.cn-north-1.amazonaws.com.cn"),
        ("http://127.0.0.1:5000", "eu-west-1", "http://127.0.0.1:5000"),
    ],
)
def test_a_service_has_an_address_in_each_region(base_url: str | None, region: str, address: str):
    """Unless the settings name another."""
    assert endpoint(base_url, "email", region) == address
