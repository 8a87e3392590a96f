-- Sets a key for a number of milliseconds, unless it has a longer TTL already. Returns its TTL.

local left = redis.call('PTTL', KEYS[1])
if left >= tonumber(ARGV[1]) then
  return left
end
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
return tonumber(ARGV[1])
