"""The types of bulk runs; docs/bulk.md says what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from ._typing import hinted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@hinted
class BulkOptions(TypedDict, total=False):
    """Keywords of bulk runs; what is left out has the library's default."""

    resume: Mapping[str, Any] | None
    """The summary of a run that was interrupted, to go on with the same records."""
    total: int | None
    """How many records there will be, to estimate the time that remains."""
    max_records: int
    """Most records of a call, 1000."""
    max_body_bytes: int
    """Most bytes of a call's body, 4194304."""
    poll_interval_ms: int
    """The first wait before asking how far the service is, 250."""
    max_poll_interval_ms: int
    """The longest wait before asking how far the service is, 10000."""
    stall_timeout_ms: int
    """How long a bulk operation that makes no progress is followed, 900000."""


@hinted
class BulkProgress(TypedDict):
    """How far a run is, counted in records."""

    read: int
    sent: int
    processed: int
    failed: int
    bad_records: int
    total: int | None
    elapsed_ms: int
    remaining_ms: int | None


@hinted
class BulkSummary(TypedDict):
    """What became of a run. JSON can hold it."""

    operation: str
    interrupted: Interruption | None
    read: int
    accepted: int
    processed: int
    succeeded: int
    failed: int
    failures: list[BulkFailure]
    bad_records: list[BadRecord]
    unacknowledged: list[UnacknowledgedChunk]
    pending: list[PendingOperation]
    acknowledged: list[AcknowledgedSpan]
    settings_checksum: int


@hinted
class Interruption(TypedDict):
    """Why a run ended early."""

    reason: Literal["cancelled", "closed", "denied", "refused", "unreachable", "input_changed"]
    message: str


@hinted
class BulkFailure(TypedDict):
    """A user that was accepted and then failed."""

    id: str
    reason: str
    bulk_operation: str


@hinted
class BadRecord(TypedDict):
    """A record that was left out. Positions count from 0."""

    position: int
    id: str | None
    reason: str


@hinted
class UnacknowledgedChunk(TypedDict):
    """A chunk that the service never acknowledged."""

    first: int
    end: int
    records: int
    kind: str
    reason: str
    maybe_processed: bool


@hinted
class PendingOperation(TypedDict):
    """A bulk operation whose end is not known."""

    id: str
    user_ids: list[str]
    reason: str | None


@hinted
class AcknowledgedSpan(TypedDict):
    """A stretch of the input that the service acknowledged."""

    first: int
    end: int
    bytes: int
    checksum: int
