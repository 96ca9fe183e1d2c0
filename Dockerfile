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
# Build of PyTorch: cpu, or cuda, which is on PyPI and several gigabytes larger.
ARG TORCH=cpu
# Further options for pip.
ARG PIP_OPTIONS=""
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    EXHUME_DATA_DIR=/var/lib/exhume \
    EXHUME_HOST=0.0.0.0
# Pango and a font, for reports as PDF.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /home/exhume exhume \
    && install -d -o exhume -g exhume -m 0750 /var/lib/exhume
COPY constraints.txt /tmp/constraints.txt
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    case "${TORCH}" in \
      cpu) index="--extra-index-url https://download.pytorch.org/whl/cpu" ;; \
      cuda) index="" ;; \
      *) echo "TORCH is ${TORCH}: set it to cpu or cuda" >&2; exit 1 ;; \
    esac \
    && pip install ${index} ${PIP_OPTIONS} --constraint /tmp/constraints.txt /wheels/*.whl
USER exhume
WORKDIR /home/exhume
VOLUME /var/lib/exhume
EXPOSE 8719
ENTRYPOINT ["exhume"]
CMD ["api"]
