"""The tables. Times are seconds since 1970 (UTC).

What is personal, and how long it stays: docs/personal-data.md.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

from schemas.funnel import FunnelStep

metadata = MetaData()

PERSONAL = {"personal": True}
"""`info` of a column that is about one person: purge and forget clear what carries it."""


def _sale(name: str, *columns: Column[object] | UniqueConstraint) -> Table:
    """What a reservation and a prospect have in common. The unique code is the lock of a claim."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("tenant", String, nullable=False),
        Column("code", String, nullable=False),
        Column("state", String, nullable=False),
        Column("changed_at", Double, nullable=False),
        Column("name", String, info=PERSONAL),
        Column("phone", String, info=PERSONAL),
        Column("lat", Double, info=PERSONAL),
        Column("lng", Double, info=PERSONAL),
        Column("address", String, info=PERSONAL),
        Column("observation", String, info=PERSONAL),
        Column("tags", String, info=PERSONAL),
        Column("posted_at", Double),
        Column("sweeps", Integer, nullable=False, server_default="0"),
        Column("posts", Integer, nullable=False, server_default="0"),
        Column("refusal", String, info=PERSONAL),  # OZmap's own words, which may quote the customer
        Column("untold", Boolean, nullable=False, server_default=false()),  # promised, ended, never heard
        *columns,
        UniqueConstraint("tenant", "code"),
        sqlite_autoincrement=True,
    )


reservations = _sale(
    "reservations",
    Column("conversation", String),
    Column("platform", String, nullable=False),
    Column("precision", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("radius_m", Double),
    Column("wanted_box", String),
    Column("client_id", String),
    Column("property_id", String),
    Column("box_id", String),
    Column("box_name", String),
    Column("splitter", String),
    Column("port", Integer),
    Column("reason", String),
    Column("expires_at", Double),
    Column("refused_boxes", String),  # comma text: those that took no customer in this round
    Column("unconnected_since", Double),  # its property is there, and shows no port yet
    Column("foreign_client", Boolean, nullable=False, server_default=false()),  # never deleted by us
    UniqueConstraint("tenant", "conversation"),
)

also_asked = Table(
    "also_asked",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("conversation", String, primary_key=True),
    Column("reservation", Integer, nullable=False),  # another conversation's, with the same client code
)

prospects = _sale(
    "prospects",
    Column("conversation", String),
    Column("prospect_id", String),
    Column("tags_applied", String),
    Column("tags_ignored", String),
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("expires_at", Double, nullable=False),
    Column("lat", Double, info=PERSONAL),
    Column("lng", Double, info=PERSONAL),
    Column("precision", String),
    Column("address", String, info=PERSONAL),
    Column("confirmed_at", Double),
    UniqueConstraint("tenant", "platform", "conversation"),
    sqlite_autoincrement=True,
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("text", String, nullable=False),
    Column("goes_on", Boolean, nullable=False),  # a flow follows the message
    Column("message", String, nullable=False),  # what became of each: webhook/notices/delivery.py
    Column("flow", String, nullable=False),
    Column("reservation", Integer),  # what it tells of is true while this one is in `state`
    Column("state", String),
    Column("changed_at", Double, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("line", String, nullable=False),  # the conversation, or its notices: one at a time
    Column("kind", String, nullable=False),  # the table of `sale`
    Column("sale", Integer, nullable=False),
    Column("promised", Boolean, nullable=False),  # somebody waits for it; else it is housekeeping
    Column("since", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("others_told", Boolean, nullable=False, server_default=false()),  # by calls that found it busy
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("refusals", Integer, nullable=False, server_default="0"),  # of the attempts: lasting ones, defects
    Column("lease", String),
    Column("lease_until", Double),
    Column("gave_up_at", Double),
    Column("reason", String),  # our own words: why it is not done yet
    UniqueConstraint("kind", "sale"),
    Index("outbox_due", "due_at"),
    Index("outbox_line", "tenant", "line"),
    sqlite_autoincrement=True,
)

lookups = Table(
    "lookups",
    metadata,
    Column("key", String, primary_key=True),  # a digest of who asked for which place
    Column("verdict", String, nullable=False),  # JSON
    Column("expires_at", Double, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("state", String, info=PERSONAL),  # JSON: webhook/conversation/state.py
    Column("phone", String, info=PERSONAL),  # as the customer wrote it: `forget` finds it by this
    Column("flow", String),
    Column("step", String),  # the question that waits
    Column("token", String),  # of the last reply
    Column("ended", Boolean, nullable=False, server_default=false()),
    Column("unheard", Boolean, nullable=False, server_default=false()),  # a call was told to wait
    Column("lease", String),
    Column("lease_until", Double),
    Column("changed_at", Double, nullable=False),
    UniqueConstraint("tenant", "conversation"),
    Index("conversations_changed", "changed_at"),
    sqlite_autoincrement=True,
)


demand_days = Table(
    "demand_days",
    metadata,
    Column("day", String, primary_key=True),  # an open one, UTC: 2026-11-26
    Column("salt", String, nullable=False),  # of its digests
)

demand_open = Table(
    "demand_open",
    metadata,
    Column("digest", String, primary_key=True),  # of salt, tenant and conversation
    Column("tenant", String, nullable=False),
    Column("day", String, nullable=False),
    Column("cell", String, nullable=False),  # H3, resolution 9: of its last verdict, or empty
    Column("outcome", String, nullable=False),
    Column("reason", String, nullable=False),  # or empty
    *(Column(step, Boolean, nullable=False) for step in FunnelStep),
    Index("demand_open_day", "day"),
)

demand_cells = Table(
    "demand_cells",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("cell", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("conversations", Integer, nullable=False),
    sqlite_with_rowid=False,  # in the order of the key: half the size, and twice as fast to sum up
)

demand_steps = Table(
    "demand_steps",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("step", String, primary_key=True),
    Column("conversations", Integer, nullable=False),
    sqlite_with_rowid=False,
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("worker", String, primary_key=True),  # one process
    Column("seen_at", Double, nullable=False),
    Column("tenants", String, nullable=False, server_default=""),  # JSON list: whose sales it works on
    Column("version", String, nullable=False, server_default=""),  # the migration that its code expects
    Column("stopped", Boolean, nullable=False, server_default=false()),
)

installation = Table(
    "installation",
    metadata,
    Column("id", String, primary_key=True),  # one row, made once: who we are among installations
)


def personal(table: Table) -> list[str]:
    """The names of the columns that are about one person."""
    return [column.name for column in table.columns if column.info.get("personal")]


SALES = {"reservation": reservations, "prospect": prospects}
TABLES = SALES | {"notice": notices}
"""By the outbox's word for them."""
