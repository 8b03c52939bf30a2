"""Amazon SNS, Publish to a phone number (docs: docs.aws.amazon.com/sns). It reports nothing back: whether a message
arrived stands in CloudWatch's logs alone."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from core.errors import Refused, SendError, Unavailable
from core.model import Channel, Message, Receipt
from core.providers.aws import endpoint, signed
from core.providers.base import HttpProvider, clean, probe, wait_of
from core.providers.parts import Parts, needed

VERSION = "2010-03-31"
MESSAGE_ID = re.compile(r"<MessageId>([^<]+)</MessageId>")
CODE = re.compile(r"<Code>([^<]+)</Code>")
ABOUT_THE_NUMBER = re.compile(r"phone ?number", re.IGNORECASE)
THROTTLED = {"Throttled", "ThrottledException", "Throttling", "ThrottlingException"}
OPTED_OUT = {"OptedOut", "OptedOutException"}
INVALID = {"InvalidParameter", "InvalidParameterException"}
TRANSACTIONAL = {  # the carriers' better route, for what a person waits for
    "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
    "MessageAttributes.entry.1.Value.DataType": "String",
    "MessageAttributes.entry.1.Value.StringValue": "Transactional",
}


class AmazonSns(HttpProvider):
    """SMS in one region. No idempotency key, no reports, nothing to ask."""

    name, channel = "amazonsns", Channel.SMS

    def __init__(self, http: httpx.AsyncClient, key: tuple[str, str], region: str, base_url: str | None) -> None:
        """`key` is an access key's id and its secret. Without `base_url`, the region's own."""
        super().__init__(http)
        self._key = key
        self._region = region
        self._url = f"{endpoint(base_url, 'sns', region)}/"

    def build(self, message: Message, key: str) -> httpx.Request:
        """A form with the number as it is, signed."""
        return self._action("Publish", {"PhoneNumber": message.to, "Message": message.text, **TRANSACTIONAL})

    def receipt(self, response: httpx.Response) -> Receipt:
        """200 with the message's id, in XML."""
        found = MESSAGE_ID.search(response.text)
        if found is None:
            raise ValueError("no message id")
        return Receipt(found[1])

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A number that opted out, one that SNS does not publish to, too many at once. Not for good: SNS says the same
        of every number where a region sends no SMS."""
        found = CODE.search(response.text)
        code = found[1] if found else ""
        words = clean(response.text)
        if code in THROTTLED:
            return Unavailable("rate_limited", words, retry_after=wait_of(response.headers))
        if code in OPTED_OUT:
            return Refused("unsubscribed", words, hard=True)
        if code in INVALID and ABOUT_THE_NUMBER.search(response.text):
            return Refused("invalid_address", words)
        return None

    async def check(self) -> None:
        """The account's settings for SMS."""
        await probe(self.http, self._action("GetSMSAttributes", {}))

    def _action(self, name: str, fields: Mapping[str, str]) -> httpx.Request:
        content = urlencode({"Action": name, "Version": VERSION, **fields})
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        request = self.http.build_request("POST", self._url, content=content, headers=headers)
        return signed(request, *self._key, self._region, "sns")


def build(parts: Parts) -> AmazonSns:
    """As the settings say."""
    ours = parts.settings.amazonsns
    key = (
        needed("AMAZONSNS_ACCESS_KEY_ID", ours.access_key_id, "amazonsns"),
        needed("AMAZONSNS_SECRET_ACCESS_KEY", ours.secret_access_key, "amazonsns"),
    )
    region = needed("AMAZONSNS_REGION", ours.region, "amazonsns")
    return AmazonSns(parts.http, key, region, ours.base_url)
