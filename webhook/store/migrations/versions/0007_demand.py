"""where customers ask for fibre"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

STEPS = ("place_known", "viable", "reserved", "prospect", "handed_over")


def upgrade() -> None:
    op.create_table(
        "demand_days",
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("salt", sa.String, nullable=False),
    )
    op.create_table(
        "demand_open",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("cell", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        *(sa.Column(step, sa.Boolean, nullable=False) for step in STEPS),
    )
    op.create_index("demand_open_day", "demand_open", ["day"])
    op.create_table(
        "demand_cells",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("cell", sa.String, primary_key=True),
        sa.Column("outcome", sa.String, primary_key=True),
        sa.Column("reason", sa.String, primary_key=True),
        sa.Column("conversations", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "demand_steps",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("step", sa.String, primary_key=True),
        sa.Column("conversations", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
