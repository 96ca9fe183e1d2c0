# syntax=docker/dockerfile:1
# One image for API, worker, scheduler and migrations; docker-compose.yml starts each with its own command.

FROM node:22-bookworm-slim AS dashboard
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.12-slim-bookworm AS wheel
WORKDIR /build
COPY pyproject.toml hatch_build.py README.md LICENSE* CHANGELOG.md* ./
COPY openapi.json ./
COPY app app
COPY exhume exhume
COPY worker worker
COPY migrations migrations
COPY --from=dashboard /build/app/static app/static
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim-bookworm
# Further options for pip, for example an index with CPU-only builds of torch, which keep the image small.
ARG PIP_OPTIONS=""
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    EXHUME_DATA_DIR=/var/lib/exhume \
    EXHUME_HOST=0.0.0.0
RUN useradd --system --uid 10001 --create-home --home-dir /home/exhume exhume \
    && install -d -o exhume -g exhume -m 0750 /var/lib/exhume
COPY constraints.txt /tmp/constraints.txt
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install ${PIP_OPTIONS} --constraint /tmp/constraints.txt /wheels/*.whl
USER exhume
WORKDIR /home/exhume
VOLUME /var/lib/exhume
EXPOSE 8719
ENTRYPOINT ["exhume"]
CMD ["api"]
