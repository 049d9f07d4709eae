#!/bin/sh
# Install the Debian packages that tests drive, and say plainly what could not be installed.
set -u
missing=""
for package in gcc libc6-dev chromium gdal-bin fonts-noto-cjk postgresql-15 postgresql-15-postgis-3; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && as_root="sudo -n"
fi
if [ "$(id -u)" -eq 0 ] || [ -n "$as_root" ]; then
  echo "Installing for tests / 正在安装测试所需软件包:$missing"
  $as_root apt-get update -qq >/dev/null
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 && exit 0
fi
echo "Could not install / 未能安装:$missing" >&2
echo "Tests that drive them are left out. To run all: apt-get install$missing" >&2
[ "${CI:-}" != "true" ] || exit 1
