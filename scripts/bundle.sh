#!/bin/sh
# Pack wheels (with the browser assets inside) so that a machine without any network installs Wangge from one file.
set -eu
python="$1"
version=$("$python" -c 'import importlib.metadata as m; print(m.version("wangge"))')
name="wangge-$version-bundle"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/wheels" dist
"$python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work/$name/wheels" .
"$python" -m pip download --quiet --only-binary :all: --require-hashes -r requirements/runtime.txt --dest "$work/$name/wheels"
cp requirements/runtime.txt scripts/venv.sh README.md README.zh-CN.md LICENSE "$work/$name/"
cat > "$work/$name/install.sh" <<'INSTALL'
#!/bin/sh
# Install Wangge from this folder, with no network. Usage: sh install.sh [VENV]
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
venv="${1:-$PWD/.venv}"
sh "$here/venv.sh" "$venv"
"$venv/bin/python" -m pip install --quiet --no-index --find-links "$here/wheels" --require-hashes -r "$here/runtime.txt"
"$venv/bin/python" -m pip install --quiet --no-index --no-deps "$here"/wheels/wangge-*.whl
echo "Installed. Start with: $venv/bin/wangge demo / 已安装,可运行:$venv/bin/wangge demo"
INSTALL
tar -C "$work" -czf "dist/$name.tar.gz" "$name"
echo "dist/$name.tar.gz"
