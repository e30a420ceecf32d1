-- For wrk: another place in each call, and a count of answers that are wrong.
--   wrk ... -s bench/wrk.lua URL -- METHOD KEY
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init(args)
  method = args[1]
  headers = {["Content-Type"] = "application/json", ["X-Webhook-Key"] = args[2]}
  math.randomseed(os.time() * 100 + number)
  wrong = 0
end

function request()
  local lat, lng = -28 + math.random(), -49 + math.random()
  if method == "GET" then
    return wrk.format("GET", string.format("%s?lat=%.6f&lng=%.6f", wrk.path, lat, lng), headers)
  end
  return wrk.format("POST", nil, headers, string.format('{"latitude": %.6f, "longitude": %.6f}', lat, lng))
end

function response(status, _, body)
  if status ~= 200 or not string.find(body, '"CTO ', 1, true) then
    wrong = wrong + 1
  end
end

-- Microseconds and counts, as JSON on the last line.
function done(summary, latency)
  local wrongs, errors = 0, summary.errors
  for _, thread in ipairs(threads) do
    wrongs = wrongs + thread:get("wrong")
  end
  io.write(string.format(
    '\n{"calls": %d, "took": %d, "p50": %d, "p99": %d, "wrong": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrongs,
    errors.connect + errors.read + errors.write + errors.timeout))
end
