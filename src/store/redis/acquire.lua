-- Counts a call of an endpoint if all of its windows have room for it.
--
-- KEYS: the pause, and the list of calls in microseconds of the server's clock, oldest first, for all windows.
-- ARGV: for each window its number of calls and its counting period in microseconds.
-- Returns {0, time} if the call is counted at that time, else {microseconds to wait, 0}.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait = 0

local paused = redis.call('PTTL', KEYS[1])
if paused >= 0 then
  wait = (paused + 1) * 1000
end

-- Times never decrease, even if the clock is set back by up to a second. After a larger step, the list is cleared;
-- otherwise calls would wait for as long as the step.
local newest = tonumber(redis.call('LINDEX', KEYS[2], -1) or 0)
if newest > now + 1000000 then
  redis.call('DEL', KEYS[2])
  newest = 0
end
local when = math.max(now, newest)

-- A call fits into a window once the call made `calls` before it is no longer counted.
local longest = 0
for argument = 1, #ARGV, 2 do
  local calls, per = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1])
  local before = redis.call('LINDEX', KEYS[2], -calls)
  if before and before + per > when then
    wait = math.max(wait, before + per - now)
  end
  longest = math.max(longest, per)
end
if wait > 0 then
  return { wait, 0 }
end

if longest > 0 then
  -- At most two expired calls are removed per added call, which bounds the list by the longest window.
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', KEYS[2], 0)
    if oldest and oldest + longest <= when then
      redis.call('LPOP', KEYS[2])
    end
  end
  redis.call('RPUSH', KEYS[2], string.format('%.0f', when))
  -- One second more, because a call may be counted up to a second ahead of the clock.
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', math.ceil(longest / 1000) + 1000))
end
return { 0, when }
