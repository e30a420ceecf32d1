"""whose record it is, what was refused, who keeps a promise"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


def upgrade() -> None:
    for table in ("reservations", "prospects"):
        for column in (_count("posts"), sa.Column("refusal", sa.String), _flag("untold")):
            op.add_column(table, column)
        # Something of an older version's may be in OZmap, or still on its way.
        op.execute(f"UPDATE {table} SET posts = 1 WHERE posted_at IS NOT NULL")  # noqa: S608
    op.execute("UPDATE reservations SET posts = 1 WHERE property_id IS NOT NULL")
    op.add_column("reservations", sa.Column("refused_boxes", sa.String))
    op.add_column("reservations", sa.Column("unconnected_since", sa.Double))
    op.add_column("reservations", _flag("foreign_client"))
    op.add_column("outbox", _flag("others_told"))
    op.add_column("outbox", _count("refusals"))
    for column in (_word("tenants"), _word("version"), _flag("stopped")):
        op.add_column("heartbeats", column)
    op.create_table(
        "also_asked",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("conversation", sa.String, primary_key=True),
        sa.Column("reservation", sa.Integer, nullable=False),
    )
    installation = op.create_table("installation", sa.Column("id", sa.String, primary_key=True))
    op.execute(installation.insert().values(id=secrets.token_hex(8)))
