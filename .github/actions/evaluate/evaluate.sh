#!/usr/bin/env bash
# One evaluation from a set to a verdict. GitHub's action calls it; any other CI system can, too:
#
#   EVAL_SET=eval/sets/samples.jsonl EVAL_NOW=2026-11-01 bash .github/actions/evaluate/evaluate.sh
#
# It writes run, reports and verdict to EVAL_OUT and ends with the gate's exit code: 0 pass,
# 6 regression, 7 not comparable; 1 and 2 as every command. With EVAL_GATE=false it only reports,
# and ends with 5 where cases failed. Under GitHub's runner the step itself succeeds, so that reports
# are kept and comments written; the action's last step gives the code.
set -euo pipefail

out=${EVAL_OUT:-dateline-eval}
mkdir -p "$out"

asked=(eval run "$EVAL_SET" --run "$out/run.jsonl" --fresh --repeats "${EVAL_REPEATS:-1}")
[ -z "${EVAL_NOW:-}" ] || asked+=(--now "$EVAL_NOW")
[ -z "${EVAL_WORKERS:-}" ] || asked+=(--workers "$EVAL_WORKERS")
[ "${EVAL_OFFLINE:-true}" != true ] || asked+=(--offline)
[ "${EVAL_REPLAY:-off}" = off ] || asked+=(--replay "$EVAL_REPLAY")
[ -z "${EVAL_RECORDINGS:-}" ] || asked+=(--recordings "$EVAL_RECORDINGS")
while IFS= read -r choice; do
  [ -z "$choice" ] || asked+=(--with "$choice")
done <<< "${EVAL_WITH:-}"
if [ -n "${EVAL_LIBRARY:-}" ]; then
  asked+=(--library "$EVAL_LIBRARY")
elif [ -n "${EVAL_ARTICLES:-}" ]; then
  while IFS= read -r source; do
    [ -z "$source" ] || asked+=(--articles "$source")
  done <<< "$EVAL_ARTICLES"
else
  asked+=(--sample)
fi

tell() { # a name and a value for the steps that follow
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "$1=$2" >> "$GITHUB_OUTPUT"
}
finish() { # the exit code, and what it means
  tell exit-code "$1"
  tell decision "$2"
  echo "dateline eval: $2"
  [ -z "${GITHUB_OUTPUT:-}" ] || exit 0
  exit "$1"
}

code=0
dateline "${asked[@]}" > "$out/run.txt" || code=$?
cat "$out/run.txt"
# 5 says that some cases failed: each counts as wrong, and the gate names them. Without a gate it
# stays the result.
[ "$code" = 0 ] || [ "$code" = 5 ] || finish "$code" failed

: > "$out/gate.md"
if [ "${EVAL_GATE:-true}" = true ]; then
  code=0
  judged=(eval gate "$out/run.jsonl" --markdown "$out/gate.md")
  [ -z "${EVAL_FLOORS:-}" ] || judged+=(--floors "$EVAL_FLOORS")
  [ -z "${EVAL_BASELINE:-}" ] || judged+=(--baseline "$EVAL_BASELINE")
  dateline "${judged[@]}" | tee "$out/gate.txt" || code=${PIPESTATUS[0]}
  case $code in
    0 | 6 | 7) ;;
    *) finish "$code" failed ;; # it judged nothing
  esac
fi

baseline=${EVAL_BASELINE:-eval/baselines/$(basename "${EVAL_SET%.*}").jsonl.gz}
report=(eval report "$out/run.jsonl" --html "$out/report.html" --junit "$out/junit.xml" --markdown "$out/report.md")
[ ! -f "$baseline" ] || report+=(--baseline "$baseline")
dateline "${report[@]}"
cat "$out/gate.md" "$out/report.md" > "$out/comment.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/comment.md" >> "$GITHUB_STEP_SUMMARY"

case $code in
  0) finish 0 "$([ "${EVAL_GATE:-true}" = true ] && echo pass || echo reported)" ;;
  6) finish 6 regression ;;
  7) finish 7 not_comparable ;;
  *) finish "$code" failed ;;
esac
