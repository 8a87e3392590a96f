-- Counts a call in all windows of an endpoint, or in none.
--
-- KEYS: the pause; then for each window the list of its calls, as microseconds of the server's clock, oldest first.
-- ARGV: for each window how many calls it takes, and in how many microseconds.
-- Gives {0, when} where the call may be made and was counted as of then, else {microseconds to wait, 0}.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait = 0

local paused = redis.call('PTTL', KEYS[1])
if paused >= 0 then
  wait = (paused + 1) * 1000
end

-- A list is in order even where the clock was put back a little. One that was put back by more than a second
-- would keep calls waiting for as long: what was counted before is forgotten.
local when = now
for window = 2, #KEYS do
  local newest = tonumber(redis.call('LINDEX', KEYS[window], -1) or 0)
  if newest > now + 1000000 then
    redis.call('DEL', KEYS[window])
  elseif newest > when then
    when = newest
  end
end

-- Between a call and the one that comes so many calls later there must be the whole of the window.
for window = 2, #KEYS do
  local calls, per = tonumber(ARGV[2 * window - 3]), tonumber(ARGV[2 * window - 2])
  local before = redis.call('LINDEX', KEYS[window], -calls)
  if before and before + per > when then
    wait = math.max(wait, before + per - now)
  end
end
if wait > 0 then
  return { wait, 0 }
end

for window = 2, #KEYS do
  local key, per = KEYS[window], tonumber(ARGV[2 * window - 2])
  -- Two leave for one that comes, so a list is never longer than its window has calls.
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', key, 0)
    if oldest and oldest + per <= when then
      redis.call('LPOP', key)
    end
  end
  redis.call('RPUSH', key, string.format('%.0f', when))
  -- A second more than the window, for calls may be counted up to a second ahead of the clock.
  redis.call('PEXPIRE', key, math.ceil(per / 1000) + 1000)
end
return { 0, when }
