-- Any registered actor type can be spawned by name and asked: here the planner, with devices that do not exist.
--
--   build/bin/dci-console docs/examples/planner.lua
local planner = dci.host():spawn("partition_planner", "my-planner")

local plan = planner:request("plan", {
  layers = 24,
  nodes = {
    {id = "phone", memory_bytes = 4 << 30},
    {id = "laptop", memory_bytes = 16 << 30},
    {id = "desktop", memory_bytes = 32 << 30},
  },
})
for _, stage in ipairs(plan.stages) do
  print(stage.id, stage.layers[1], stage.layers[2])
end

-- What goes wrong is an error object with a code and a message.
local ok, err = pcall(planner.request, planner, "plan", {layers = 24, nodes = {}})
assert(not ok)
print(err.code, err.message)

planner:stop()
