"""Tokens signed with the server's own key, read as only the operator can: page 15's key wrapping in a second implementation."""

import base64
import json
import struct
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .server import PLATFORM_TENANT, Server


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _fields(*parts: str) -> bytes:
    return b"".join(struct.pack(">I", len(part.encode())) + part.encode() for part in parts)


class SigningKey:
    def __init__(self, server: Server):
        row = server.rows("select kid, alg, private_wrapped from sentinel_private.signing_keys where status = 'active'")[0]
        self.kid = row["kid"]
        master = base64.b64decode((server.data / "master.key").read_text("ascii"))
        wrapping = HKDF(hashes.SHA256(), 32, None, b"sentinel key wrapping").derive(master)
        wrapped = bytes(row["private_wrapped"])
        bound = _fields("sentinel key", "signing_keys", row["alg"], PLATFORM_TENANT, self.kid)
        pkcs8 = AESGCM(wrapping).decrypt(wrapped[4:16], wrapped[16:], bound)
        self.private = serialization.load_der_private_key(pkcs8, None)

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_der(self) -> bytes:
        return self.private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def public_jwk(self) -> dict:
        numbers = self.private.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}

    def sign(self, message: bytes, der: bool = False) -> bytes:
        signature = self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        if der:
            return signature
        r, s = decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Forge:
    """Makes variants of one genuine token."""

    def __init__(self, server: Server, genuine: str):
        self.key = SigningKey(server)
        header, payload, _ = genuine.split(".")
        self.header, self.claims = json.loads(decode(header)), json.loads(decode(payload))

    def token(self, header: dict | bytes | None = None, claims: dict | bytes | None = None, signature=None) -> str:
        """Signed by the server's key, unless `signature` (bytes, or a function of the signed text) stands in its place."""
        header = {**self.header, **header} if isinstance(header, dict) else header if header is not None else self.header
        if isinstance(claims, dict):
            claims = {**self.claims, "jti": str(uuid.uuid4()), **claims}
        elif claims is None:
            claims = {**self.claims, "jti": str(uuid.uuid4())}
        text = b".".join(encode(part if isinstance(part, bytes) else json.dumps(_present(part)).encode()).encode()
                         for part in (header, claims))
        if callable(signature):
            signature = signature(text)
        return text.decode() + "." + encode(self.key.sign(text) if signature is None else signature)

    def now(self) -> int:
        return int(time.time())


ABSENT = object()


def _present(members: dict) -> dict:
    return {name: value for name, value in members.items() if value is not ABSENT}
