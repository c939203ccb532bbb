"""Master keys in AWS KMS: they never leave it, and it notes every use of them (F59, ENC-01)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from telehealth_core.access.keys import KeyRefused, WrappedKey
from telehealth_core.shared.refusal import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

_SYSTEM = "The key service"
_PATIENCE = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard"})
_REFUSED = {
    "AccessDeniedException",
    "DisabledException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
    "KMSInvalidStateException",
    "NotFoundException",
}
"""What asking again does not mend."""


@attrs.frozen
class KmsKeys:
    """Wraps by one key of KMS. Whose a data key is, KMS is told as its context: a wrapped
    key opens for nothing else, and each opening is in the log of KMS under that name.
    """

    _client: "KMSClient" = attrs.field(repr=False)
    _arn: str

    @classmethod
    def named(cls, key: str) -> "KmsKeys":
        """The key of that id, ARN or alias; where to ask and as whom says the AWS environment.

        Raises: KeyRefused, Unavailable.
        """
        client = boto3.client("kms", config=_PATIENCE)
        described = _asked(lambda: client.describe_key(KeyId=key))
        return cls(client, described["KeyMetadata"]["Arn"])

    def current(self) -> str:
        """The ARN of the key that wraps."""
        return self._arn

    def wrap(self, key: bytes, whose: Mapping[str, str], /) -> WrappedKey:
        """The key under the master key. Raises: KeyRefused, Unavailable."""
        answer = _asked(
            lambda: self._client.encrypt(
                KeyId=self._arn, Plaintext=key, EncryptionContext=dict(whose)
            )
        )
        return WrappedKey(self._arn, answer["CiphertextBlob"])

    def unwrap(self, wrapped: WrappedKey, whose: Mapping[str, str], /) -> bytes:
        """The key again, by the master key that wrapped it. Raises: KeyRefused, Unavailable."""
        answer = _asked(
            lambda: self._client.decrypt(
                KeyId=wrapped.master,
                CiphertextBlob=wrapped.content,
                EncryptionContext=dict(whose),
            )
        )
        plain: bytes = answer["Plaintext"]
        return plain

    def rotate(self) -> str:
        """Have KMS make new key material under the same ARN; it opens by the former still.

        Raises: KeyRefused, Unavailable.
        """
        _asked(lambda: self._client.rotate_key_on_demand(KeyId=self._arn))
        return self._arn

    def retire(self, master: str, /) -> None:
        """Refuse: keys of KMS are deleted there, after days of grace. Raises: KeyRefused."""
        raise KeyRefused(f"{master} is for KMS to delete: schedule its deletion there.")


def _asked(ask: Any) -> Any:
    try:
        return ask()
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        if code in _REFUSED:
            raise KeyRefused(f"The key service refuses: {code}.") from None
        raise Unavailable(_SYSTEM) from None
    except BotoCoreError:
        raise Unavailable(_SYSTEM) from None
