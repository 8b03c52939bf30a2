"""The guard around addresses that strangers chose, attacked."""

import datetime as dt
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import Misconfigured, Refused, SendError, Unavailable
from core.providers.base import exchange
from core.providers.guarded import (
    CheckedResolver,
    ForbiddenAddress,
    GuardedClient,
    GuardedTransport,
    guarded_client,
    is_any,
    is_public,
    parsed,
)
from tests.providers.vendor import Answer, Vendor, a_vendor, free_port_of

OURS, INSIDE = "127.0.0.1", "127.0.0.2"  # in these tests the first counts as public: a server of ours listens there


class FakeDns(AbstractResolver):
    """Answers each question with the next of its answers; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # type: ignore[override]
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {
                "hostname": host, "host": one, "port": port, "proto": 0, "flags": 0,
                "family": socket.AF_INET6 if ":" in one else socket.AF_INET,
            }
            for one in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""


def client(*answers: Sequence[str], **more: Any) -> tuple[GuardedClient, FakeDns]:
    """A client for which only `OURS` is public."""
    dns = FakeDns(*answers)
    return guarded_client(2, allows=lambda one: one == ip_address(OURS), resolver=lambda: dns, **more), dns


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        vendor.will(Answer(200, b"hello"))
        yield vendor


def port_of(vendor: Vendor) -> str:
    return vendor.url.rpartition(":")[2]


async def code(http: httpx.AsyncClient, url: str) -> str:
    """The code with which an address is refused."""
    with pytest.raises(Refused) as raised:
        await exchange(http, http.build_request("GET", parsed(url)))
    assert not any(part in raised.value.detail for part in ("127.", "169.", "10."))
    return raised.value.code


PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
    "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
    "192.0.1.0", "223.255.255.255", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "2001:200::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str):
    """Private, local, shared, multicast, reserved, and IPv4 in the clothes of IPv6."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address: str):
    """Up to the edges of what is not."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_private_address_is_called_as_it_stands(address: str):
    """Before anything is connected."""
    host = f"[{address}]" if ":" in address else address
    async with guarded_client(2) as http:
        assert await code(http, f"http://{host}/") == "forbidden_address"


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_name_leads_to_a_private_address(address: str):
    """What DNS says is checked too."""
    async with guarded_client(2, resolver=lambda: FakeDns([address])) as http:
        assert await code(http, "http://hooks.example.org/") == "forbidden_address"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0", "0x0",
        "127.0.0.1.", "0x7f.0x0.0x0.0x1", "0300.0250.0.1", "2852039166", "0xa9fea9fe", "169.254.43518", "127.0.0.01",
        "0x", "4294967297", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[0000::1]",
    ],
)  # fmt: skip
async def test_no_disguise_of_a_number_helps(host: str):
    """Decimal, octal, hexadecimal, shortened, with a dot at the end, IPv4 inside IPv6."""
    async with guarded_client(2) as http:
        assert await code(http, f"http://{host}:80/") in ("forbidden_address", "invalid_address")


@pytest.mark.parametrize("host", ["１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "locaⓁhost", "ⓛocalhost"])
async def test_letters_and_digits_that_look_like_others_lead_nowhere(host: str):
    """Refused as no address, or looked up and found to be inside."""
    async with guarded_client(2) as http:
        with pytest.raises((Refused, Unavailable)) as raised:
            await exchange(http, http.build_request("GET", parsed(f"http://{host}/")))
    assert raised.value.code in ("forbidden_address", "invalid_address", "connect")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "ip6-localhost"])
async def test_the_names_of_this_machine_are_looked_up_and_refused(host: str):
    """By the real resolver; a name that is unknown here can't be connected to."""
    async with guarded_client(2) as http:
        with pytest.raises((Refused, Unavailable)) as raised:
            await exchange(http, http.build_request("GET", f"http://{host}/"))
    assert raised.value.code in ("forbidden_address", "connect")


@pytest.mark.parametrize(
    "url",
    [
        "http://public.example@127.0.0.1/", "http://user:secret@public.example/", "http://:@public.example/",
        "http://127.0.0.1@public.example/", "http://public.example\\@127.0.0.1/", "http://a@b@127.0.0.1/",
        "https://public.example%40127.0.0.1/",
    ],
)  # fmt: skip
async def test_names_and_passwords_in_an_address_are_refused(url: str):
    """Readers differ on which part is the host."""
    async with guarded_client(2, resolver=lambda: FakeDns(["8.8.8.8"])) as http:
        assert await code(http, url) in ("forbidden_address", "invalid_address")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://public.example/", "gopher://127.0.0.1:6379/_x", "//x/", "x"]
)
async def test_only_http_and_https_are_spoken(url: str):
    """And such an address will never work."""
    async with guarded_client(2) as http:
        with pytest.raises(Refused) as raised:
            await http.get_following(url)
    assert (raised.value.code, raised.value.hard) == ("invalid_address", True)


async def test_an_address_is_looked_up_once_and_that_one_is_called(vendor: Vendor):
    """A second answer of DNS, public at first and private then, would open the door again."""
    http, dns = client([OURS], [INSIDE])
    async with http:
        answer = await exchange(http, http.build_request("GET", f"http://rebound.example:{port_of(vendor)}/"))
        assert (answer.text, dns.asked) == ("hello", 1)
    assert vendor.asked[0].headers["Host"] == f"rebound.example:{port_of(vendor)}"


async def test_a_name_that_leads_inside_the_next_time_is_refused_then(vendor: Vendor):
    """Each new connection is checked anew."""
    vendor.will(Answer(200, b"hello", {"Connection": "close"}))
    http, dns = client([OURS], [INSIDE])
    async with http:
        url = f"http://rebound.example:{port_of(vendor)}/"
        await exchange(http, http.build_request("GET", url))
        assert await code(http, url) == "forbidden_address"
    assert (dns.asked, len(vendor.asked)) == (2, 1)


async def test_of_a_names_addresses_only_public_ones_are_called(vendor: Vendor):
    """A private one among them is passed over."""
    http, _dns = client([INSIDE, "::1", OURS])
    async with http:
        answer = await exchange(http, http.build_request("GET", f"http://mixed.example:{port_of(vendor)}/"))
    assert answer.text == "hello"


async def test_the_door_at_the_names_holds_by_itself():
    """What may not be called does not even come out of DNS."""
    resolver = CheckedResolver(FakeDns(["8.8.8.8", "10.0.0.1", "fe80::1%eth0"], ["10.0.0.1"], []), is_public)
    assert [one["host"] for one in await resolver.resolve("mixed.example", 80)] == ["8.8.8.8"]
    with pytest.raises(ForbiddenAddress):
        await resolver.resolve("inside.example", 80)
    assert await resolver.resolve("nothing.example", 80) == []


async def test_the_last_door_holds_by_itself():
    """Where an address slipped past the reading of it, no socket is made."""
    transport = GuardedTransport(is_public, FakeDns)
    with pytest.raises(ForbiddenAddress):
        transport._socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    transport._socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))).close()


async def test_a_network_of_ones_own_can_be_allowed(vendor: Vendor):
    """The setting opens every address, and no other scheme."""
    async with guarded_client(2, allows=is_any) as http:
        assert (await exchange(http, http.build_request("GET", vendor.url))).text == "hello"
        assert await code(http, "ftp://127.0.0.1/") == "invalid_address"


async def test_proxies_of_the_environment_are_not_asked(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    """A proxy would look the name up again."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    http, _dns = client([OURS])
    async with http:
        answer = await exchange(http, http.build_request("GET", f"http://a.example:{port_of(vendor)}/"))
    assert answer.text == "hello"


async def test_an_answer_without_end_is_not_read_to_its_end(vendor: Vendor):
    """Status and headers are what counts."""
    vendor.will(Answer(200, b"x" * 1_000_000))
    http, _dns = client([OURS])
    async with http:
        answer = await exchange(http, http.build_request("GET", f"http://a.example:{port_of(vendor)}/"))
    assert (answer.status_code, len(answer.content)) == (200, 64 * 1024)


async def test_cookies_are_not_kept(vendor: Vendor):
    """Calls for different people share this client."""
    vendor.will(Answer(200, b"", {"Set-Cookie": "who=ada; Domain=a.example"}))
    http, _dns = client([OURS])
    async with http:
        for _ in range(2):
            await http._transport.handle_async_request(
                http.build_request("GET", f"http://a.example:{port_of(vendor)}/")
            )
    assert "Cookie" not in vendor.asked[1].headers


# Following redirects ------------------------------------------------------------------------------------------


async def test_a_document_is_followed_to_where_it_is(vendor: Vendor):
    """Over relative and absolute redirects."""
    http, _dns = client([OURS])
    here = f"http://news.example:{port_of(vendor)}"
    vendor.will(
        Answer(301, b"", {"Location": "/b?c=d"}), Answer(307, b"", {"Location": f"{here}/e"}),
        Answer(200, b"<p>News", {"Content-Type": "text/html; charset=utf-8"}),
    )  # fmt: skip
    async with http:
        found = await http.get_following(f"{here}/a")
    assert [asked.path for asked in vendor.asked] == ["/a", "/b?c=d", "/e"]
    assert (found.url, found.status, found.body) == (f"{here}/e", 200, b"<p>News")
    assert found.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("location", "refused"),
    [
        ("http://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("http://[::ffff:169.254.169.254]/", "forbidden_address"),
        ("http://0xa9fea9fe/", "forbidden_address"),
        ("http://user@news.example/", "forbidden_address"),
        ("//169.254.169.254/", "forbidden_address"),
        ("file:///etc/passwd", "invalid_address"),
    ],
)
async def test_no_redirect_leads_inside(vendor: Vendor, location: str, refused: str):
    """Every hop is checked as the first was."""
    vendor.will(Answer(302, b"", {"Location": location}), Answer(200, b"the secrets"))
    http, _dns = client([OURS])
    async with http:
        with pytest.raises(Refused) as raised:
            await http.get_following(f"http://news.example:{port_of(vendor)}/")
    assert raised.value.code == refused
    assert len(vendor.asked) == 1


async def test_a_redirect_that_is_no_address_leads_nowhere(vendor: Vendor):
    """It is the answer that can't be read."""
    vendor.will(Answer(302, b"", {"Location": "http://[::1"}))
    http, _dns = client([OURS])
    async with http:
        with pytest.raises(SendError):
            await http.get_following(f"http://news.example:{port_of(vendor)}/")
    assert len(vendor.asked) == 1


async def test_a_redirect_to_a_name_that_leads_inside_is_refused(vendor: Vendor):
    """DNS is asked again for each hop that needs a connection."""
    vendor.will(Answer(302, b"", {"Location": "http://inside.example/"}))
    http, _dns = client([OURS], [INSIDE])
    async with http:
        with pytest.raises(Refused, match="forbidden_address"):
            await http.get_following(f"http://news.example:{port_of(vendor)}/")


async def test_redirects_come_to_an_end(vendor: Vendor):
    """A loop is left."""
    vendor.will(Answer(302, b"", {"Location": "/"}))
    http, _dns = client([OURS])
    async with http:
        with pytest.raises(Refused, match="too_many_redirects"):
            await http.get_following(f"http://news.example:{port_of(vendor)}/", max_redirects=3)
    assert len(vendor.asked) == 4


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * 101, {}),
        (gzip.compress(b"x" * 5_000_000), {"Content-Encoding": "gzip"}),
    ],
    ids=["plain", "a bomb"],
)
async def test_a_document_that_is_too_big_is_refused(vendor: Vendor, body: bytes, headers: dict[str, str]):
    """Also where it is small as long as it is packed."""
    vendor.will(Answer(200, body, headers))
    http, _dns = client([OURS])
    async with http:
        with pytest.raises(Refused, match="too_big"):
            await http.get_following(
                f"http://news.example:{port_of(vendor)}/", max_bytes=100 if not headers else 10_000
            )


async def test_a_packed_document_is_unpacked(vendor: Vendor):
    """Though nothing packed was asked for."""
    vendor.will(Answer(200, gzip.compress(b"news"), {"Content-Encoding": "gzip"}))
    http, _dns = client([OURS])
    async with http:
        found = await http.get_following(f"http://news.example:{port_of(vendor)}/")
    assert found.body == b"news"
    assert vendor.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(("status", "kind"), [(404, Misconfigured), (503, Unavailable)])
async def test_a_document_that_is_not_there_says_so(vendor: Vendor, status: int, kind: type[Exception]):
    """With the words of every other call."""
    vendor.will(Answer(status))
    http, _dns = client([OURS])
    async with http:
        with pytest.raises(kind):
            await http.get_following(f"http://news.example:{port_of(vendor)}/")


# TLS ----------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for a name, and what a server serves it with."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return chain, context


async def test_tls_is_made_with_the_name_though_the_connection_goes_to_the_checked_address(tmp_path: Path):
    """The server's name and certificate are those of the web address; another name's certificate is refused."""
    authorities, context = certificate(tmp_path, "hooks.example.org")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)  # type: ignore[assignment]
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, OURS, 0, ssl_context=context)
    await site.start()
    port = free_port_of(site)
    http, _dns = client([OURS], verify=ssl.create_default_context(cafile=authorities))
    async with http:
        answer = await exchange(http, http.build_request("GET", f"https://hooks.example.org:{port}/"))
        with pytest.raises(Unavailable, match="connect"):
            await exchange(http, http.build_request("GET", f"https://other.example.org:{port}/"))
    assert answer.text == f"hooks.example.org:{port}"
    assert names == ["hooks.example.org", "other.example.org"]
    await runner.cleanup()


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=request.host)
