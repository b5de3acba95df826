-- A ring of two remote stages and a local one. From the project's root:
--
--   build/bin/dci-console docs/examples/ring.lua [TOPOLOGY]
--
-- TOPOLOGY names at least two hosts; they are started as processes of this machine.
local deployment = dci.launch(arg[1] or "docs/examples/hosts.toml")
local alpha, beta = table.unpack(deployment:hosts())

local ring = dci.ring{
  model = "apps/assets/tiny",
  stages = {
    {host = alpha, layers = {0, 2}},
    {host = beta, layers = {2, 4}},
    {host = dci.host(), layers = {4, 6}},
  },
}
for i, stage in ipairs(ring:describe().stages) do
  print(("stage %d: %s runs layers %d to %d"):format(i, stage.host, stage.layers[1], stage.layers[2] - 1))
end

-- Token by token; without stream the answer only comes as a whole.
local answer = ring:generate{
  prompt = "In the beginning",
  max_tokens = 40,
  stream = function(text)
    io.write(text)
    io.flush()
  end,
}
print()
print(answer) -- [40 tokens, ... tokens/s, ...]; answer.text, answer.tokens and more are its fields
