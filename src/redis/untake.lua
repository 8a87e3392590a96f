-- Takes back a call that was counted and is not made.
--
-- KEYS: the lists of its windows. ARGV: when it was counted, as the script that did so said.

for _, key in ipairs(KEYS) do
  redis.call('LREM', key, -1, ARGV[1])
end
