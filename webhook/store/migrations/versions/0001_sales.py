"""reservations, prospects and the outbox"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _sale(*columns: sa.Column[object] | sa.UniqueConstraint) -> list[Any]:
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("lat", sa.Double),
        sa.Column("lng", sa.Double),
        sa.Column("address", sa.String),
        sa.Column("observation", sa.String),
        sa.Column("tags", sa.String),
        sa.Column("posted_at", sa.Double),
        sa.Column("sweeps", sa.Integer, nullable=False, server_default="0"),
        *columns,
        sa.UniqueConstraint("tenant", "code"),
    ]


def upgrade() -> None:
    op.create_table(
        "reservations",
        *_sale(
            sa.Column("conversation", sa.String),
            sa.Column("platform", sa.String, nullable=False),
            sa.Column("precision", sa.String, nullable=False),
            sa.Column("mode", sa.String, nullable=False),
            sa.Column("radius_m", sa.Double),
            sa.Column("wanted_box", sa.String),
            sa.Column("client_id", sa.String),
            sa.Column("property_id", sa.String),
            sa.Column("box_id", sa.String),
            sa.Column("box_name", sa.String),
            sa.Column("splitter", sa.String),
            sa.Column("port", sa.Integer),
            sa.Column("reason", sa.String),
            sa.Column("expires_at", sa.Double),
            sa.UniqueConstraint("tenant", "conversation"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "prospects",
        *_sale(
            sa.Column("prospect_id", sa.String),
            sa.Column("tags_applied", sa.String),
            sa.Column("tags_ignored", sa.String),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("sale", sa.Integer, nullable=False),
        sa.Column("promised", sa.Boolean, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease", sa.String),
        sa.Column("lease_until", sa.Double),
        sa.Column("gave_up_at", sa.Double),
        sa.Column("reason", sa.String),
        sa.UniqueConstraint("kind", "sale"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_due", "outbox", ["due_at"])
    op.create_index("outbox_line", "outbox", ["tenant", "line"])
