# Duly in production: one image for web, workers and scheduler; docker-compose.yml says
# who runs what. Development and tests need none of it (make demo, make test).

FROM python:3.11-slim-bookworm AS packages

# The first pip that takes the hashes of a constraints file; an older one refuses.
RUN python -m venv /venv \
    && echo 'pip==26.3 --hash=sha256:f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13' >/tmp/pip.txt \
    && /venv/bin/python -m pip install --no-cache-dir --require-hashes --requirement /tmp/pip.txt
COPY pyproject.toml requirements.lock /build/
WORKDIR /build
# The lock holds everybody's packages; of these, what the product itself asks for.
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' >production.txt \
    && /venv/bin/python -m pip install --no-cache-dir --require-hashes \
        --constraint requirements.lock --requirement production.txt


FROM python:3.11-slim-bookworm

# What WeasyPrint lays letters out with, and fonts for all scripts (as in .ci/run).
RUN apt-get -qq update \
    && apt-get -qq install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        fonts-noto-core fonts-noto-cjk fonts-dejavu-core fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 duly \
    && install --directory --owner=duly --mode=0700 /var/lib/duly

COPY --from=packages /venv /venv
COPY . /srv/duly
WORKDIR /srv/duly
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DULY_HOME=/var/lib/duly

USER duly
VOLUME /var/lib/duly
EXPOSE 8000
# Of the web server; docker-compose.yml asks workers and scheduler in their own way.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "config.healthcheck"]
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
