#!/usr/bin/env bash
# One comment a set on a pull request: written once, then kept up to date.
set -euo pipefail

text=$EVAL_OUT/comment.md
[ -f "$text" ] || { echo "There is no report to comment with."; exit 0; }
# GitHub refuses comments past 65,536 characters; the report is kept whole beside the run.
{
  echo "<!-- dateline-eval: $EVAL_SET -->"
  # The cut may fall inside a character: then iconv leaves it out, and says that it failed.
  head -c 60000 "$text" | iconv -c -f utf-8 -t utf-8 || true
} > "$EVAL_OUT/comment.body.md"

comments=repos/$REPOSITORY/issues/$NUMBER/comments
mark="<!-- dateline-eval: $EVAL_SET -->"
export mark
kept=$(gh api --paginate "$comments" --jq '.[] | select(.body | startswith(env.mark)) | .id' | head -n 1) || kept=
if [ -n "$kept" ]; then
  gh api --silent -X PATCH "repos/$REPOSITORY/issues/comments/$kept" -F "body=@$EVAL_OUT/comment.body.md"
else
  # A pull request from a fork may not comment: its report stands on the job's page.
  gh api --silent -X POST "$comments" -F "body=@$EVAL_OUT/comment.body.md" ||
    echo "::notice::The comment could not be written; the report is on the job's page."
fi
