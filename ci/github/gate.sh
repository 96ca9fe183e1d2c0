#!/usr/bin/env bash
# Run `exhume gate`, write its reports to exhume-reports, add the summary to the job, and hand on the exit code.
# The last step of the action ends the job with it, after the reports are uploaded.
set -u

reports=exhume-reports
[ -n "${EXHUME_URL:-}" ] || unset EXHUME_URL EXHUME_API_KEY

if [ "${RESTORED:-}" = true ] && python3 "$(dirname "$0")/still_valid.py" "$reports/decision.json"; then
  echo "The decision for the same checkpoint, data and policy is used again."
  code=0
else
  rm -rf "$reports"
  mkdir -p "$reports"
  options=()
  [ "${LOCAL:-false}" = true ] && options+=(--local)
  exhume gate --config "${CONFIG:-exhume.yaml}" ${options[@]+"${options[@]}"} \
    --output "json=$reports/decision.json" \
    --output "sarif=$reports/exhume.sarif" \
    --output "markdown=$reports/summary.md" \
    --output "junit=$reports/junit.xml" \
    --output "test-result-predicate=$reports/test-result.json"
  code=$?
fi

if [ -s "$reports/summary.md" ]; then
  cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
else
  echo "Exhume ended with exit code $code and made no decision. See the log of this job." >> "$GITHUB_STEP_SUMMARY"
fi
{
  echo "exit-code=$code"
  [ -s "$reports/exhume.sarif" ] && echo "sarif=true"
  [ "$code" = 0 ] && echo "keep=true"
} >> "$GITHUB_OUTPUT"
exit 0
