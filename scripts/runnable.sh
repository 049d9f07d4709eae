#!/bin/sh
# Print the pytest marker expression of the tests this machine can run; CI runs them all, or fails.
expression="not real"
if [ "${CI:-}" != "true" ]; then
  command -v chromium >/dev/null 2>&1 || { expression="$expression and not browser"; echo "left out: browser tests (no chromium)" >&2; }
  [ -x /usr/lib/postgresql/15/bin/initdb ] || { expression="$expression and not postgres"; echo "left out: PostgreSQL tests" >&2; }
fi
echo "$expression"
