#!/usr/bin/env bash
# Install the wheel in fresh environments, with the lowest and with the newest versions that settings.ini allows, and run .ci/smoke.py in each.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
whl=$(ls "$PWD"/dist/*.whl)
lowest=$(.venv/bin/python - <<'P'
from configparser import ConfigParser
ini = ConfigParser(delimiters=['=']); ini.read('settings.ini')
print(*[r.replace('>=', '==') for r in ini['DEFAULT']['requirements'].split() if not r.startswith('torch>')])
P
)
try() { # name, requirements
    echo "--- $1: $2"
    $PYTHON -m venv --clear ".venv-$1"
    ".venv-$1/bin/python" -m pip install -q "$whl" $2
    ".venv-$1/bin/python" -m pip check
    OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} ".venv-$1/bin/python" .ci/smoke.py
    rm -rf ".venv-$1"
}
# torch stays at the pin: of the other versions the package index has only CUDA builds (gigabytes)
try lowest "torch==2.13.0 $lowest"
try newest torch==2.13.0
echo 'SKIPPED torch other than 2.13.0 (2.11 is what GPU checks run on)'
