#!/usr/bin/env bash
# Installs Tutor and the plugins of the instance template into build/tutor, of the version that templates/instance has, and
# prints the Python that has them, for TEST_TUTOR_PYTHON. Without Python 3.9, or without a way to PyPI, it prints nothing, and
# the test is skipped. tutor-contrib-s3 is not on PyPI: where GitHub is not reached, the test has a plugin with its keys.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
home=$PWD/build/tutor
if [[ ! -x $home/bin/tutor ]]; then
  { python3 -m venv "$home" && "$home/bin/pip" install --quiet 'tutor==20.0.5' 'tutor-contrib-drydock==20.3.0' \
    'tutor-mfe==20.1.1' 'tutor-forum==20.0.0' 'tutor-contrib-mfe-extensions==20.1.1'; } >&2 || { rm -rf "$home"; exit 0; }
  GIT_TERMINAL_PROMPT=0 timeout 60 "$home/bin/pip" install --quiet \
    'git+https://github.com/cleura/tutor-contrib-s3@v2.3.1' >&2 || echo 'tutor-contrib-s3 is not there.' >&2
fi
echo "$home/bin/python"
