"""A bucket of Amazon S3, or of anything that speaks as S3 does, as a destination of backups.

Only this module knows boto3; it is imported when a destination is a bucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    SSLError,
)
from storages.backends.s3 import S3Storage

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

ATTEMPTS = 4
# What tells of the line, not of the server.
_LINE = ConnectionError, HTTPClientError, IncompleteReadError


class Bucket(S3Storage):
    """Uploads in parts, one after the other, so that memory holds one part at any size.

    An object appears under its name only when all parts have arrived: S3 knows no half objects.
    `part_bytes`: the size of a part and of what is sent as one. `timeout`: seconds of silence after
    which a request counts as failed; each is tried `ATTEMPTS` times, with pauses.
    """

    leaves_the_machine = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = Config(
            connect_timeout=min(10, self.timeout),
            read_timeout=self.timeout,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # Checksums in trailers are Amazon's alone; ours is compared after reading back.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self.transfer_config = TransferConfig(
            multipart_threshold=self.part_bytes,
            multipart_chunksize=self.part_bytes,
            use_threads=False,
        )

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {"part_bytes": 8 << 20, "timeout": 60}

    @property
    def place(self) -> str:
        return f"the bucket {self.bucket_name} at {self.endpoint_url}"

    def download(self, name: str, out: SupportsWrite[bytes]) -> None:
        """Part by part; boto3's own download without threads waits for itself for ever."""
        client, key = self.connection.meta.client, self._normalize_name(name)
        head = client.head_object(Bucket=self.bucket_name, Key=key)
        size = head["ContentLength"]
        for start in range(0, size, self.part_bytes):
            last = min(start + self.part_bytes, size) - 1
            out.write(self._part(key, f"bytes={start}-{last}", head["ETag"]))

    def _part(self, key: str, part: str, tag: str) -> bytes:
        """These bytes of the object, as long as it is the same; asked for again when cut off."""
        client, tries = self.connection.meta.client, ATTEMPTS
        while True:
            tries -= 1
            answer = client.get_object(Bucket=self.bucket_name, Key=key, Range=part, IfMatch=tag)
            try:
                data: bytes = answer["Body"].read()
            except _LINE:
                if not tries:
                    raise
            else:
                return data

    def explain(self, error: Exception, variable: str) -> str:
        """Why it failed and what to do: the second half of a sentence."""
        if isinstance(error, ClientError):
            return self._answer(error, variable)
        if isinstance(error, NoCredentialsError):
            return f"there is no access key. Put it into {variable}: s3://key:secret@host/bucket."
        if isinstance(error, SSLError):
            return f"its certificate is not trusted ({error}). Correct the host in {variable}."
        if isinstance(error, _LINE):
            said = str(error).rstrip(".")
            return f"the connection failed ({said}). Check the network and the host in {variable}."
        if isinstance(error, BotoCoreError):
            return f"{error}. Check {variable}."
        return f"{type(error).__name__}: {error}."

    def _answer(self, error: ClientError, variable: str) -> str:
        """What an answer of the server means."""
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":
            return f"there is no such bucket. Make it, or correct {variable}."
        if status in (401, 403):
            return (
                f"the access key is refused ({code}). Check key and secret in {variable}; it must "
                "be allowed to list, read, write and delete there."
            )
        if status >= 500:
            return f"it answered with error {status} ({code}), again and again. Try again later."
        return f"it answered with error {status} ({error}). Check {variable}."
