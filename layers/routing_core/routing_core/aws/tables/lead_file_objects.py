"""Keep the content of leads' files in the bucket: ``file_store.FileStore`` over S3.

A key is made of the lead's id and the file's own, which is random.
"""

from collections.abc import Callable
from typing import Any

from routing_core.aws.tables.bucket import find_object
from routing_core.aws.tables.object_versions import delete_all_versions
from routing_core.domain.lead_file import LeadFile

BELOW_FILES = "files/"
"""Files of leads stand below this in the bucket."""


class LeadFileObjects:
    """Keeps the content of leads' files."""

    def __init__(self, s3: Callable[[], Any], bucket: str):
        self._s3 = s3
        self._bucket = bucket

    def put(self, lead_id: str, file: LeadFile, content: bytes) -> None:
        """Keep a file's content."""
        self._s3().put_object(
            Bucket=self._bucket,
            Key=_key(lead_id, file.id),
            Body=content,
            ContentType=file.kind.content_type,
        )

    def get(self, lead_id: str, file: LeadFile) -> bytes | None:
        """Read a file's content; None if it is gone."""
        found = find_object(self._s3(), self._bucket, _key(lead_id, file.id))
        return found["Body"].read() if found else None

    def discard(self, lead_id: str, file: LeadFile) -> None:
        """Take back what was put; a rule of the bucket deletes it for good after a day."""
        self._s3().delete_object(Bucket=self._bucket, Key=_key(lead_id, file.id))

    def forget(self, lead_id: str, file_id: str = "") -> None:
        """Delete a file with its versions; without an id, all files of the lead."""
        delete_all_versions(self._s3(), self._bucket, _key(lead_id, file_id))


def _key(lead_id: str, file_id: str) -> str:
    return f"{BELOW_FILES}{lead_id}/{file_id}"
