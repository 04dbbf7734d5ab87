-- Sends the requests of a plan in turn, each with an id of its own in place of its placeholders.
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local plan = dofile(os.getenv("BENCH_PLAN"))
local made = 0

function request()
  made = made + 1
  local which = (made + number * 7919) % #plan + 1
  return table.concat(plan[which], string.format("%02x", number) .. os.getenv("BENCH_RUN") .. string.format("%08x", made))
end

function done(summary, latency, requests)
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status, lost,
    latency:percentile(50), latency:percentile(99)))
end
