"""Delete objects for good from a bucket that keeps old versions."""

from typing import Any


def delete_all_versions(s3: Any, bucket: str, prefix: str) -> None:
    """Delete whatever has a key that begins so, with every version and mark of deletion."""
    pages = s3.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
