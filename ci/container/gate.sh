#!/bin/sh
# Run the release gate in a container: for Jenkins, Buildkite, TeamCity and every system that can start one.
# Writes the reports to exhume-reports and ends with the exit code of `exhume gate`.
set -u

image=${EXHUME_IMAGE:-exhume:latest}
config=${EXHUME_CONFIG:-exhume.yaml}
workspace=${WORKSPACE:-$PWD}
engine=${CONTAINER_ENGINE:-docker}

for name in EXHUME_URL EXHUME_API_KEY; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    echo "$name is not set. Give this job the address of the server and the API key of the project." >&2
    exit 4
  fi
done

rm -rf "$workspace/exhume-reports"
mkdir -p "$workspace/exhume-reports"
"$engine" run --rm \
  --user "$(id -u):$(id -g)" \
  --volume "$workspace:/workspace" --workdir /workspace \
  --env EXHUME_URL --env EXHUME_API_KEY --env HOME=/tmp \
  "$image" gate --config "$config" \
  --output json=exhume-reports/decision.json \
  --output junit=exhume-reports/junit.xml \
  --output markdown=exhume-reports/summary.md \
  --output test-result-predicate=exhume-reports/test-result.json
code=$?
case $code in
  125 | 126 | 127) echo "The container could not be started ($code)." >&2; code=2 ;;
esac
exit "$code"
