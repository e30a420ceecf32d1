# One image for web, worker and release: compose.yaml says which command each of them runs.
FROM python:3.11-slim AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim
# A user without a home, a shell or anything to write but /var/lib/webhook, for a SQLite store.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin webhook \
    && install -d -o webhook -g webhook -m 700 /var/lib/webhook
COPY --from=build /venv /venv
WORKDIR /opt/webhook
COPY gunicorn.conf.py ./
COPY schemas schemas
COPY webhook webhook
COPY flowkit flowkit
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=15000
USER webhook
VOLUME /var/lib/webhook
EXPOSE 15000
# Is the process alive? Whether it may be sent requests is /readyz, which a proxy asks.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gunicorn", "flowkit.app:create_app()"]
