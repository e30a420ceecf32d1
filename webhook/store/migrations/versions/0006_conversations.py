"""conversations that the webhook leads"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("state", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("flow", sa.String),
        sa.Column("step", sa.String),
        sa.Column("token", sa.String),
        sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("unheard", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("lease", sa.String),
        sa.Column("lease_until", sa.Double),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.UniqueConstraint("tenant", "conversation"),
        sqlite_autoincrement=True,
    )
    op.create_index("conversations_changed", "conversations", ["changed_at"])
