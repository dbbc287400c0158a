"""Read objects of the bucket that may not be there.

Only a true absence is one: a role that was given too few rights is an error, not an empty answer.
"""

from typing import Any

from botocore.exceptions import ClientError


def find_object(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:
    """Get an object with its body; None if there is none.

    Raises ClientError for everything else, such as an object that this role may not read.
    """
    try:
        found: dict[str, Any] = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if not object_is_missing(s3, bucket, key, error):
            raise
        return None
    return found


def object_is_missing(s3: Any, bucket: str, key: str, error: ClientError) -> bool:
    """Tell whether a call failed since there is no such object.

    Raises ClientError if this role may not know that.
    """
    code = error.response["Error"]["Code"]
    if code == "NoSuchKey":
        return True
    # Whoever may not list the whole bucket is denied what is not there, just like what they may not
    # read. The list of that one name tells the two apart.
    return code == "AccessDenied" and not _is_listed(s3, bucket, key)


def _is_listed(s3: Any, bucket: str, key: str) -> bool:
    # Of all names that begin so, the name itself comes first.
    first = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
    return any(each["Key"] == key for each in first)
