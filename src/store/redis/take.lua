-- Counts a call of an endpoint, if all of its windows have room for it.
--
-- KEYS: the pause, and the list of the calls: microseconds of the server's clock, oldest first, for all windows.
-- ARGV: for each window how many calls it takes, and for how many microseconds it counts one.
-- Gives {0, when} where the call may be made and is counted as of then, else {microseconds to wait, 0}.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait = 0

local paused = redis.call('PTTL', KEYS[1])
if paused >= 0 then
  wait = (paused + 1) * 1000
end

-- The list is in order even where the clock was put back a little. One that was put back by more than a second
-- would keep calls waiting for as long: then what was counted is forgotten.
local newest = tonumber(redis.call('LINDEX', KEYS[2], -1) or 0)
if newest > now + 1000000 then
  redis.call('DEL', KEYS[2])
  newest = 0
end
local when = math.max(now, newest)

-- A call fits into a window where the one that was made so many calls before it is no longer counted.
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
  -- Two leave for one that comes, so the list never holds more calls than the longest window takes.
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', KEYS[2], 0)
    if oldest and oldest + longest <= when then
      redis.call('LPOP', KEYS[2])
    end
  end
  redis.call('RPUSH', KEYS[2], string.format('%.0f', when))
  -- A second more, for a call may be counted up to a second ahead of the clock.
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', math.ceil(longest / 1000) + 1000))
end
return { 0, when }
