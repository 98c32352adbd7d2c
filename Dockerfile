# The application for one clinic. compose.yaml runs it; docs/operations.md says how.

FROM node:22-bookworm-slim AS styles
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY screening/static/src screening/static/src
RUN mkdir -p screening/static/build && npm run build


FROM debian:12-slim AS system
COPY .ci/python .ci/system-packages /opt/screening/.ci/
RUN /opt/screening/.ci/system-packages serve && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/screening


FROM system AS packages
COPY requirements.txt ./
# What tests need stays out.
RUN sed '/^# ---- Tests/,$d' requirements.txt > /tmp/requirements.txt \
    && "$(.ci/python)" -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --requirement /tmp/requirements.txt
COPY screening/translations screening/translations
RUN .venv/bin/pybabel -q compile -d screening/translations


FROM system
RUN useradd --system --uid 10001 --home-dir /var/lib/screening --create-home screening
COPY --from=packages /opt/screening/.venv .venv
COPY wsgi.py gunicorn.conf.py ./
COPY press press
COPY rules rules
COPY templates templates
COPY screening screening
COPY --from=packages /opt/screening/screening/translations screening/translations
COPY --from=styles /build/screening/static/build screening/static/build
# Whoever serves may not write here, and would compile all of it at each start.
RUN .venv/bin/python -m compileall -q wsgi.py press rules screening
ENV PATH=/opt/screening/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    INSTANCE_DIR=/var/lib/screening
USER 10001
VOLUME /var/lib/screening
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "wsgi:app"]
