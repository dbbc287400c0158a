"""Keep reports' files in the bucket: what was sent is never changed."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.tables.bucket import find_object
from routing_core.domain.errors import NotFound

REPORT_FOLDER = "reports/"
"""What was sent, for ever."""
PARTS_FOLDER = "report-parts/"
"""What snapshots are put together from: the bucket forgets it after a week."""


class ReportObjects:
    """Keeps files in the bucket: ``report_ports.ReportFiles``."""

    def __init__(self, s3: Callable[[], Any], bucket: str):
        self._s3 = s3
        self._bucket = bucket

    def keep(self, name: str, content: bytes) -> bytes:
        """Store a file unless there is one of that name, and give the content that is there."""
        key = REPORT_FOLDER + name
        try:
            # S3 decides: of two who store the same at once, the second is refused.
            self._put(key, content, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return self._get(key)
        return content

    def read(self, name: str) -> bytes | None:
        """Read a file; None if there is none."""
        return self._find(REPORT_FOLDER + name)

    def put_part(self, name: str, content: bytes) -> None:
        """Store a part of something, in place of whatever is there."""
        self._put(PARTS_FOLDER + name, content)

    def part(self, name: str) -> bytes:
        """Read a part. Raises NotFound."""
        content = self._find(PARTS_FOLDER + name)
        if content is None:
            raise NotFound(f"there is no part {name}")
        return content

    def _put(self, key: str, content: bytes, **condition: str) -> None:
        self._s3().put_object(
            Bucket=self._bucket,
            Key=key,
            Body=content,
            ContentType="application/gzip",
            **condition,
        )

    def _find(self, key: str) -> bytes | None:
        found = find_object(self._s3(), self._bucket, key)
        return found["Body"].read() if found else None

    def _get(self, key: str) -> bytes:
        body: bytes = self._s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body
