# One image per purpose: `app` for the APIs and the workers of one environment, `mail` for the mail
# server, `bench` for the benchmark itself, `tools` for the dashboards. None of them runs as root.

ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /after202
# PostgreSQL needs a user with a name. A new volume takes its owner and its permissions from these
# folders: any user may write to the first ones, and only this user to the one with the password.
RUN echo after202:x:1000:1000::/tmp:/usr/sbin/nologin >>/etc/passwd \
    && mkdir -p /ledger /data results && chmod 1777 /ledger /data results \
    && mkdir -p /run/after202 && chown 1000:1000 /run/after202

# An image is what every strategy needs, in layers that all images share, and then what it alone
# needs. pip's cache is not in any layer.
FROM base AS core
ENV PIP_CACHE_DIR=/var/cache/pip
RUN python3 -m venv --without-pip /opt/venv
COPY requirements/core.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/core.txt

# REQUIREMENTS is the environment: the common one, or requirements/strategies/NAME.txt.
FROM core AS environment
ARG REQUIREMENTS=requirements/app.txt
COPY ${REQUIREMENTS} requirements/environment.txt
RUN --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/environment.txt

FROM environment AS app
COPY after202 after202
COPY workers workers
COPY apps apps
USER 1000:1000
ENTRYPOINT ["python", "-m"]

FROM environment AS mail
COPY requirements/mail.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/mail.txt
COPY after202 after202
USER 1000:1000
ENTRYPOINT ["python", "-m", "after202.servers.mail"]

FROM environment AS tools
COPY requirements/tools.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/tools.txt
COPY after202 after202
COPY workers workers
USER 1000:1000

FROM environment AS bench
COPY requirements/bench.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/bench.txt
COPY . .
ENV HOME=/tmp MPLCONFIGDIR=/tmp
USER 1000:1000
ENTRYPOINT ["python", "-m", "after202"]
CMD ["run", "quick"]
