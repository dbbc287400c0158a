"""Keep exports of leads in the bucket: ``export_store.ExportStore`` over S3.

A rule of the bucket deletes what is there after a week. Whatever falls to erasure before is deleted
with its versions, for the bucket keeps old ones.
"""

import json
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import instant_text, read_stored_instant
from routing_core.aws.tables.bucket import find_object, object_is_missing
from routing_core.aws.tables.object_versions import delete_all_versions
from routing_core.service.kernel.export_store import (
    ExportFile,
    ExportKind,
    ExportMoved,
    LeadExport,
)

PREFIX = "exports/"
"""Exports stand below this in the bucket."""
REFUSED_AS_MOVED = ("PreconditionFailed", "ConditionalRequestConflict")
"""S3 says so where another has written, or writes at this moment."""
LINK_SECONDS = 60
"""A link opens a file for so long; the page makes a fresh one each time."""
CONTENT_TYPES = {
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportFiles:
    """Keeps exports and their files."""

    def __init__(self, s3: Callable[[], Any], bucket: str):
        self._s3 = s3
        self._bucket = bucket

    def save(self, export: LeadExport) -> None:
        """Keep how far an export has come.

        S3 decides: of two who go on at once, the second is refused with ExportMoved.
        """
        unmoved = {"IfMatch": export.revision} if export.revision else {"IfNoneMatch": "*"}
        content = json.dumps(_to_json(export)).encode()
        key = _state_key(export.id)
        try:
            self._put(key, content, **unmoved)
        except ClientError as error:
            is_moved = error.response["Error"]["Code"] in REFUSED_AS_MOVED
            if not is_moved and not object_is_missing(self._s3(), self._bucket, key, error):
                raise
            raise ExportMoved("somebody else goes on with this export") from error

    def get(self, export_id: str) -> LeadExport | None:
        """Read an export; None if there is none, or none any more."""
        found = find_object(self._s3(), self._bucket, _state_key(export_id))
        if found is None:
            return None
        return _from_json(json.loads(found["Body"].read()), found["ETag"])

    def announce(self, export: LeadExport, file: str, leads: Collection[str]) -> None:
        """Keep of which leads a file will tell, by their ids.

        It comes before the file: there is never a file of which nobody knows that.
        """
        self._put(f"{PREFIX}{export.id}/{file}.leads", "\n".join(leads).encode())

    def put_file(self, export: LeadExport, file: str, content: bytes) -> None:
        """Keep a file that was announced."""
        self._put(_file_key(export, file), content, ContentType=CONTENT_TYPES[export.kind])

    def discard(self, export: LeadExport, file: str) -> None:
        """Take back a file that nothing leads to; a rule of the bucket deletes it after a day."""
        self._s3().delete_object(Bucket=self._bucket, Key=_file_key(export, file))

    def link(self, export: LeadExport, file: str, name: str) -> str:
        """Give an address that opens a file for a minute, under a name to save it as."""
        wanted = {
            "Bucket": self._bucket,
            "Key": _file_key(export, file),
            "ResponseContentDisposition": f'attachment; filename="{name}"',
        }
        link = self._s3().generate_presigned_url("get_object", wanted, LINK_SECONDS)
        return str(link)

    def forget(self, lead_id: str, since: datetime) -> None:
        """Delete every export, made at that instant or later, that tells of the lead."""
        told = {self._export_of(key) for key in self._lists(since) if self._tells(key, lead_id)}
        for export_id in sorted(told):
            delete_all_versions(self._s3(), self._bucket, f"{PREFIX}{export_id}/")

    def _lists(self, since: datetime) -> Iterator[str]:
        pages = self._s3().get_paginator("list_objects_v2")
        begin = f"{PREFIX}{export_moment(since)}"
        for page in pages.paginate(Bucket=self._bucket, Prefix=PREFIX, StartAfter=begin):
            for each in page.get("Contents", ()):
                if each["Key"].endswith(".leads"):
                    yield each["Key"]

    def _tells(self, key: str, lead_id: str) -> bool:
        return lead_id in self._read(key).decode().split("\n")

    def _export_of(self, key: str) -> str:
        return key.removeprefix(PREFIX).partition("/")[0]

    def _read(self, key: str) -> bytes:
        body: bytes = self._s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body

    def _put(self, key: str, content: bytes, **how: str) -> None:
        self._s3().put_object(
            Bucket=self._bucket,
            Key=key,
            Body=content,
            **{"ContentType": "application/json", **how},
        )


def export_moment(at: datetime) -> str:
    """Write the instant with which the id of an export begins, so that ids sort by it."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _state_key(export_id: str) -> str:
    return f"{PREFIX}{export_id}/export.json"


def _file_key(export: LeadExport, file: str) -> str:
    return f"{PREFIX}{export.id}/{file}.{export.kind.value}"


def _to_json(export: LeadExport) -> dict[str, Any]:
    looked = export.looked_back_to
    return {
        "id": export.id,
        "by": export.by,
        "kind": export.kind.value,
        "asked": dict(export.asked),
        "made_at": instant_text(export.made_at),
        "cursor": export.cursor,
        "files": [[file.name, file.leads] for file in export.files],
        "looked_back_to": instant_text(looked) if looked else None,
        "is_done": export.is_done,
    }


def _from_json(stored: dict[str, Any], revision: str) -> LeadExport:
    looked = stored["looked_back_to"]
    return LeadExport(
        id=stored["id"],
        by=stored["by"],
        kind=ExportKind(stored["kind"]),
        asked=stored["asked"],
        made_at=read_stored_instant(stored["made_at"]),
        cursor=stored["cursor"],
        files=tuple(ExportFile(name, leads) for name, leads in stored["files"]),
        looked_back_to=read_stored_instant(looked) if looked else None,
        is_done=stored["is_done"],
        revision=revision,
    )
