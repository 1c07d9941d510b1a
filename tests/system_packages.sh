#!/usr/bin/env bash
# Installs what the browser, report and SFTP tests need, when missing and when this is root on Debian.
set -u
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
fc-list :lang=zh 2>/dev/null | grep -q . || missing+=(fontconfig fonts-noto-cjk)
command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || missing+=(openssh-server openssh-sftp-server)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "NOTE: ${missing[*]} missing and cannot be installed here; the tests that need them are skipped." >&2
  exit 0
fi
echo "Installing ${missing[*]} (once)"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update && apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null \
  || echo "NOTE: could not install ${missing[*]}; the tests that need them are skipped." >&2
exit 0
