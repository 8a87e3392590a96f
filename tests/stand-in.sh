# Starts and stops the stand-in for the platform. Sourced by scripts that set `larkspur` (the binary) and `work` (a
# directory for its log), and have a function `fail`.

mock=
stop_mock() {
  if [[ -n $mock ]]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
    mock=
  fi
}
trap stop_mock EXIT

# Starts the stand-in with these arguments, and takes over what it says of itself.
start_mock() {
  local said=$work/mock.log
  # Emptied here, before the loop below reads it: the stand-in starts at a time of its own.
  : >"$said"
  "$larkspur" mock --port 0 "$@" >>"$said" 2>&1 &
  mock=$!
  for _ in {1..100}; do
    if grep -q 'x-mock-error: http' "$said"; then
      export LARKSPUR_BASE_URL LARKSPUR_APP_ID LARKSPUR_APP_SECRET USER_TOKEN
      LARKSPUR_BASE_URL=$(sed -n 's/.*LARKSPUR_BASE_URL=//p' "$said")
      LARKSPUR_APP_ID=$(sed -n 's/.*LARKSPUR_APP_ID=//p' "$said")
      LARKSPUR_APP_SECRET=$(sed -n 's/.*LARKSPUR_APP_SECRET=//p' "$said")
      USER_TOKEN=$(sed -n 's/^A user token.*: //p' "$said")
      [[ $LARKSPUR_BASE_URL == http://127.0.0.1:* ]] || fail "the stand-in is not on 127.0.0.1: $LARKSPUR_BASE_URL"
      return
    fi
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
  done
  cat "$said" >&2
  fail "the stand-in did not start"
}
