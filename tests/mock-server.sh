# Starts and stops a mock server. Sourced by scripts that define `larkspur` (the binary), `work` (a directory for its log) and
# a function `fail`.

mock=
stop_mock() {
  if [[ -n $mock ]]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
    mock=
  fi
}
trap stop_mock EXIT

# Starts a mock server with these arguments and exports its credentials.
start_mock() {
  local log=$work/mock.log
  # Truncated here, as the server writes its first line only later.
  : >"$log"
  "$larkspur" mock --port 0 "$@" >>"$log" 2>&1 &
  mock=$!
  for _ in {1..100}; do
    if grep -q 'x-mock-error: http' "$log"; then
      export LARKSPUR_BASE_URL LARKSPUR_APP_ID LARKSPUR_APP_SECRET USER_TOKEN
      LARKSPUR_BASE_URL=$(sed -n 's/.*LARKSPUR_BASE_URL=//p' "$log")
      LARKSPUR_APP_ID=$(sed -n 's/.*LARKSPUR_APP_ID=//p' "$log")
      LARKSPUR_APP_SECRET=$(sed -n 's/.*LARKSPUR_APP_SECRET=//p' "$log")
      USER_TOKEN=$(sed -n 's/^User token: //p' "$log")
      [[ $LARKSPUR_BASE_URL == http://127.0.0.1:* ]] || fail "the mock server is not on 127.0.0.1: $LARKSPUR_BASE_URL"
      return
    fi
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
  done
  cat "$log" >&2
  fail "the mock server did not start"
}
