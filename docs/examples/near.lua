-- Forms a ring of near nodes, out of what a host of theirs knows, and lets it answer. From the
-- project's root:
--
--   build/bin/dci-console docs/examples/near.lua HOST:PORT [STAGES]
local host = dci.attach(arg[1])
local model, layers = "apps/assets/tiny", 6
local formed = host:actor("former"):request("form_ring_request",
  { stages = tonumber(arg[2]) or 3, layers = layers })

local stages = {}
for i, one in ipairs(formed.members) do
  stages[i] = {host = dci.attach(one.host), layers = one.layers}
  print(("%s runs layers %d to %d, %.1f ms from the next"):format(
    one.host, one.layers[1], one.layers[2] - 1, one.round_trip_ms))
end
local ring = dci.ring{ model = model, stages = stages }
local answer = ring:generate{ prompt = "In the beginning", max_tokens = 40 }
print(answer.text)
print(answer)
