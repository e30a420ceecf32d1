"""location links"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("platform", sa.String, nullable=False),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False, unique=True),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("lat", sa.Double),
        sa.Column("lng", sa.Double),
        sa.Column("precision", sa.String),
        sa.Column("address", sa.String),
        sa.Column("confirmed_at", sa.Double),
        sa.UniqueConstraint("tenant", "platform", "conversation"),
        sqlite_autoincrement=True,
    )
