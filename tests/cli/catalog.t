What the catalog holds.

  $ moat catalog list --csv > acc.csv; head -1 acc.csv | cut -d, -f1-4
  id,name,vendor,class
  $ test $(wc -l < acc.csv) -gt 60 && echo enough
  enough
  $ cut -d, -f1 acc.csv | grep -cxE 'h100-sxm-80|h200-sxm-141|mi300x|gaudi3|groq-lpu1|l40s|a10|t4|rtx-4090'
  9
  $ moat catalog list models --csv | cut -d, -f1 | grep -cxE 'llama-3.1-70b|deepseek-v3|gpt-oss-120b|mixtral-8x7b|gpt-3-175b|moe-1.8t|gpt-4o-class'
  7
  $ moat catalog list | awk 'length($0) > 80'
  $ moat catalog list models | awk 'length($0) > 80'
  $ moat catalog list prices | awk 'length($0) > 80'
  $ moat catalog list stacks | sed -n 's/^\([a-z][a-z.-]*\) .*/\1/p' | sort | uniq -c | awk '{print $1, $2}'
  2 deepspeed
  2 generic
  1 habana
  2 llama.cpp
  1 neuronx
  2 sglang
  1 trtllm
  1 tt-metal
  1 unstated
  5 vllm
  $ moat catalog list stacks --csv | grep -c 'vllm on ROCm before 0.7$'
  1

Names: an id, an alias, a Hugging Face name.

  $ moat catalog show h100 | head -1
  h100-sxm-80: H100 SXM5 80GB (NVIDIA, Hopper, CUDA; launched 2022-09)
  $ moat catalog show meta-llama/Llama-3.1-70B | head -1 | cut -d: -f1
  llama-3.1-70b
  $ moat catalog show llama-3.1-70b | grep -E '^(total|KV cache)'
  total        70,553,706,496 (70.6B published: +0.00%)
  KV cache     327,680 bytes a token at bf16, 163,840 at fp8
  $ moat catalog show h10
  moat: the catalog has no accelerator, model or workload "h10"; did you mean "a10"?
  [2]
  $ moat catalog show
  moat: catalog: which entry?; usage: moat catalog list|show|check|add ...
  [2]

Every figure of an accelerator says how well it is known; unpriced is said, not invented.

  $ moat catalog show h100 | grep -E '^  (memory|bf16)'
    memory                  80 GiB HBM3                       two sources
    bf16                    989.4 TFLOP/s                     two sources
  $ moat catalog show maia-100 | grep price
    No price is known: it is listed as unpriced.

A chip file goes round: print, change, add to an overlay, use.

  $ moat catalog show h100 --yaml > chip.yaml; moat catalog show ./chip.yaml | head -1 | cut -d: -f1
  h100-sxm-80
  $ sed -e 's/^id: .*/id: mychip/' -e 's/^aliases: .*/aliases: []/' chip.yaml > mychip.yaml
  $ moat catalog add mychip.yaml --catalog mine
  mychip: accelerator, now in mine/accelerators/mychip.yaml
  $ moat catalog add mychip.yaml --catalog mine
  moat: mine/accelerators/mychip.yaml: is there already; remove it first
  [2]
  $ moat catalog check mine | head -1
  The catalog with mine: * (glob)
  $ moat predict llama-3.1-8b on mychip --catalog mine --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["deployment"]["accelerator"])'
  mychip
  $ moat predict llama-3.1-8b on mychip
  moat: accelerator: * "mychip"* (glob)
  [2]
  $ sed 's/^mem_bw: .*/mem_bw: 3GB\/s/' mychip.yaml > slow.yaml; moat catalog add slow.yaml --catalog other
  moat: slow.yaml:*: mem_bw: * (glob)
  [2]
  $ test -e other
  [1]
  $ echo 'x' > x.txt; moat catalog add x.txt --catalog other
  moat: x.txt: expected a chip or workload file (.yaml) or a model (config.json, .gguf, .safetensors or a folder); moat catalog show h100 --yaml prints a chip file to start from
  [2]

The constants of the power model may be laid over too; slips in them do not get through.

  $ mkdir -p watts; P="moat predict llama-3.1-8b on l40s --catalog watts --quiet"
  $ echo 'busy: {value: 50%, source: mine}' > watts/power.yaml; $P --json > more.json; moat predict llama-3.1-8b on l40s --json > less.json
  $ python3 -c 'import json; a, b = (json.load(open(f))["decode_power_w"] for f in ("less.json", "more.json")); print(b > a)'
  True
  $ echo 'busy: 97%' > watts/power.yaml; $P
  moat: watts/power.yaml:1: *0.97 is more than can be (glob)
  [2]
  $ echo 'busy: 5%' > watts/power.yaml; $P
  moat: watts/power.yaml: a constant is missing, or a device at work draws less than one that waits; copy data/power.yaml
  [2]
  $ echo 'bussy: 30%' > watts/power.yaml; $P
  moat: watts/power.yaml:1: bussy: * "busy"* (glob)
  [2]
  $ echo 'busy: {source: mine}' > watts/power.yaml; $P
  moat: watts/power.yaml:1: * value is missing (glob)
  [2]

  $ moat catalog check | head -1
  The catalog: [0-9]+ accelerators, [0-9]+ models, [0-9]+ prices, [0-9]+ stacks and [0-9]+ workloads (re)
  $ for what in accelerators models prices stacks work; do moat catalog list $what --json | python3 "$TESTDIR/contract.py" moat.catalog/1; done
  ok
  ok
  ok
  ok
  ok
  $ moat catalog show h100 --json | python3 "$TESTDIR/contract.py" moat.catalog/1
  ok
  $ moat catalog show deepseek-v3 --json | python3 "$TESTDIR/contract.py" moat.catalog/1
  ok
  $ moat catalog check --json | python3 "$TESTDIR/contract.py" moat.catalog_check/1
  ok
