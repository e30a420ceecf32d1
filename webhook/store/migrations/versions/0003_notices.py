"""notices, and the conversation of a prospect"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("prospects", sa.Column("conversation", sa.String))
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("goes_on", sa.Boolean, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("flow", sa.String, nullable=False),
        sa.Column("reservation", sa.Integer),
        sa.Column("state", sa.String),
        sa.Column("changed_at", sa.Double, nullable=False),
        sqlite_autoincrement=True,
    )
