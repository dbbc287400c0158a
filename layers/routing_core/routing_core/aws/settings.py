"""The environment of every function, validated once."""

import os
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Names and addresses from the template. What a function has no business with is empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    leads_table: str = Field(alias="LEADS_TABLE", min_length=1)
    partners_table: str = Field(alias="PARTNERS_TABLE", min_length=1)
    bucket: str = Field("", alias="BUCKET")
    bus: str = Field("", alias="BUS")
    schedule_group: str = Field("", alias="SCHEDULE_GROUP")
    schedule_role_arn: str = Field("", alias="SCHEDULE_ROLE_ARN")
    schedule_dlq_arn: str = Field("", alias="SCHEDULE_DLQ_ARN")
    wake_arn: str = Field("", alias="WAKE_ARN")
    link_secret: str = Field("", alias="LINK_SECRET")
    contact_secret: str = Field("", alias="CONTACT_SECRET")
    base_url: str = Field("", alias="BASE_URL")
    configuration_set: str = Field("", alias="CONFIGURATION_SET")
    sender: str = Field("", alias="SENDER")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Raises pydantic's ValidationError, naming the variable, if the function is set up wrongly."""
    return Settings.model_validate(dict(os.environ))
