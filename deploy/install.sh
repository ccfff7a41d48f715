#!/bin/sh
# Puts the packages of a requirements file, checked by their hashes, into .venv; makes .venv when it is not there.
set -eu
requirements=$1

say() { echo "$*" >&2; }

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
        python=
    done
    if [ -z "$python" ]; then
        say "motcua needs Python 3.11 or newer and found none: install it, or name it with PYTHON=/path/to/python3 make ..."
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "$python cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv)"
        exit 1
    fi
    say "making a virtual environment in .venv ..."
    rm -rf .venv
    "$python" -m venv .venv
fi

say "installing $requirements ..."
# uv takes seconds where pip takes half a minute; pip knows the settings of this machine where uv does not.
if .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-install.txt 2>/dev/null &&
    .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$requirements" 2>/dev/null; then
    exit 0
fi
if .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$requirements"; then
    exit 0
fi
say "the packages of $requirements could not be installed: the reason stands above (is the network there, and room on the disk?)"
exit 1
