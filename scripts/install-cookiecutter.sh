#!/usr/bin/env bash
# Installs cookiecutter and PyYAML for the tests that compare with them, into build/cookiecutter, and prints the Python that
# has them. Without Python, or without a way to PyPI, it prints nothing, and these tests are skipped.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
home=$PWD/build/cookiecutter
if [[ ! -x $home/bin/cookiecutter ]]; then
  { python3 -m venv "$home" && "$home/bin/pip" install --quiet 'cookiecutter==2.7.1' 'PyYAML==6.0.3'; } >&2 || exit 0
fi
echo "$home/bin/python"
