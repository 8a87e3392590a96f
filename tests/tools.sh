# Installs the pinned tools from PyPI and npm. Sourced by scripts in the root of the repository that have a function `fail`.
# An installed set is reused until its pins change.

tools=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/tools
python=$tools/venv/bin/python

# Returns whether the directory $1 has what the files $2... pin.
is_installed() {
  local pins
  pins=$(cat "${@:2}")
  [[ -f $1/installed && $(cat "$1/installed") == "$pins" ]]
}

# Everything from PyPI, in one virtual environment: the pins of both files agree.
install_pypi() {
  local requirements=(tests/openapi/requirements.txt tests/clients/requirements.txt)
  if is_installed "$tools/venv" "${requirements[@]}"; then return; fi
  command -v python3 >/dev/null || fail "python3 is missing; install Python 3.11 or newer with its venv module"
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv"
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --requirement "${requirements[0]}" --requirement "${requirements[1]}"
  "$python" -m pip check --disable-pip-version-check
  cat "${requirements[@]}" >"$tools/venv/installed"
}

# The packages of tests/$1, below $tools/$1. No script of a package runs.
install_npm() {
  local from=tests/$1 to=$tools/$1
  if is_installed "$to" "$from/package-lock.json"; then return; fi
  command -v npm >/dev/null || fail "npm is missing; install Node.js 20 or newer with npm"
  mkdir -p "$to"
  cp "$from/package.json" "$from/package-lock.json" "$to/"
  npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --silent
  cat "$from/package-lock.json" >"$to/installed"
}
