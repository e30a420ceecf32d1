"""lookups that go on after their reply, and signs of life of workers"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "lookups",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("worker", sa.String, primary_key=True),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
