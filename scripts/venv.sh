#!/bin/sh
# Make a virtual environment, or say in plain words what the machine lacks.
set -eu
venv="$1"
python="${PYTHON:-python3}"
if ! command -v "$python" >/dev/null 2>&1; then
  echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv / 需要 Python 3.11 以上" >&2
  exit 3
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed, found $("$python" --version). Set PYTHON=/path/to/python3.11 / 需要 Python 3.11 以上" >&2
  exit 3
fi
if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
  echo "Python's venv module is missing: apt-get install python3-venv / 缺少 venv 模块,请先安装 python3-venv" >&2
  exit 3
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
