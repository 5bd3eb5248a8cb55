#!/usr/bin/env bash
# Installs cookiecutter for the test that compares with it, into build/cookiecutter, and prints the Python that has it.
# Without Python, or without a way to PyPI, it prints nothing, and that test is skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
home=$PWD/build/cookiecutter
if [[ ! -x $home/bin/cookiecutter ]]; then
  { python3 -m venv "$home" && "$home/bin/pip" install --quiet 'cookiecutter==2.7.1'; } >&2 || exit 0
fi
echo "$home/bin/python"
