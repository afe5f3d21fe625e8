Wrong usage: exit 2, one line on stderr, nothing on stdout.

  $ moat plna
  moat: unknown command "plna"; did you mean "plan"?
  [2]
  $ moat frobnicate
  moat: unknown command "frobnicate"; see moat --help
  [2]
  $ moat --json
  moat: unknown option "--json"; options come behind the command; see moat --help
  [2]
  $ moat plan
  moat: plan: name a scenario file, or --model with --trace or --preset; usage: moat plan SCENARIO.yaml
  [2]
  $ moat plan a.yaml b.yaml
  moat: plan: one argument too many: "b.yaml"; usage: moat plan SCENARIO.yaml
  [2]
  $ moat plan --modle llama-3.1-8b
  moat: moat plan has no option "--modle"; did you mean "--model"?
  [2]
  $ moat plan --htlm x.html
  moat: moat plan has no option "--htlm"; did you mean "--html"?
  [2]
  $ moat sim --tp
  moat: --tp: needs an argument
  [2]
  $ moat sim --json=yes
  moat: --json=yes: takes no argument
  [2]
  $ moat predict llama-3.1-8b on h100 --json --csv
  moat: --csv: --json and --csv exclude each other
  [2]
  $ moat predict llama-3.1-8b on h100 --threads 0
  moat: --threads: expected a whole number from 1 to 1024, got "0"
  [2]
  $ moat predict llama-3.1-8b on h100 --seed many
  moat: --seed: expected a whole number of at least 1, got "many"
  [2]
  $ moat predict llama-3.1-8b on h100 --set tp
  moat: --set: expected KEY=VALUE, got "tp"; write --set slo.ttft.p99=1s
  [2]
  $ moat predict llama-3.1-8b in h100
  moat: predict: expected MODEL or WORK on ACCELERATOR, or SCENARIO.yaml; usage: moat predict MODEL|WORK on ACCELERATOR | SCENARIO.yaml
  [2]
  $ moat predict llama-3.1-8b
  moat: predict: expected MODEL or WORK on ACCELERATOR, or SCENARIO.yaml; usage: moat predict MODEL|WORK on ACCELERATOR | SCENARIO.yaml
  [2]
  $ moat explain h100 of x.yaml
  moat: explain: expected ACCELERATOR in SCENARIO.yaml; usage: moat explain ACCELERATOR in SCENARIO.yaml
  [2]
  $ moat compare a.yaml
  moat: compare: an argument is missing; usage: moat compare A.yaml B.yaml
  [2]
  $ moat help plna
  moat: unknown command "plna"; did you mean "plan"?
  [2]
  $ moat catalog lits
  moat: unknown subcommand of catalog "lits"; did you mean "list"?
  [2]
  $ moat catalog list model
  moat: unknown list "model"; did you mean "models"?
  [2]
  $ moat trace sat x.csv
  moat: unknown subcommand of trace "sat"; did you mean "stat"?
  [2]

A flag is named in its error, a file by line and key.

  $ P="moat predict llama-3.1-70b on h100"
  $ $P --tp four
  moat: --tp: expected a whole number, got "four"
  [2]
  $ $P --tp 0
  moat: --tp: * (glob)
  [2]
  $ $P --batch 1.5
  moat: --batch: expected a whole number, got "1.5"
  [2]
  $ $P --precision fp9
  moat: --precision: no number format "fp9"; there are bf16, fp16, fp32, fp8, * (glob)
  [2]
  $ $P --framework vlm
  moat: --framework: * "vlm"; did you mean "vllm"? (glob)
  [2]
  $ $P --tp 3
  moat: *3 does not divide the 64 attention heads* (glob)
  [2]
  $ cat > slow.yaml <<END
  > model: llama-3.1-8b
  > traffic: {preset: azure-2023-conv}
  > slo:
  >   ttft: {p99: fast}
  > END
  $ moat plan slow.yaml
  moat: slow.yaml:4: slo.ttft.p99: expected a duration such as 500ms or 2s, got "fast"
  [2]
  $ moat plan slow.yaml --slo-ttft-p99 quick
  moat: --slo-ttft-p99: expected a duration such as 500ms or 2s, got "quick"
  [2]
  $ echo 'modle: llama-3.1-8b' > typo.yaml; moat plan typo.yaml
  moat: typo.yaml:1: modle: unknown key "modle"; did you mean "model"?
  [2]
  $ echo '[1, 2]' > list.yaml; moat plan list.yaml
  moat: list.yaml: expected a scenario: a map with model, traffic, slo, ...
  [2]
  $ printf 'model: [unclosed\n' > broken.yaml; moat plan broken.yaml
  moat: broken.yaml:* (glob)
  [2]

Unknown ids, with what was meant.

  $ moat predict llama-3.1-70 on h100
  moat: model: * "llama-3.1-70"; did you mean "llama-3.1-70b"? (glob)
  [2]
  $ moat predict llama-3.1-70b on a20
  moat: accelerator: * "a20"; did you mean "a10"? (glob)
  [2]
  $ moat plan slow.yaml --set slo.ttft.p99=2s --accelerators h100,mi300z
  moat: --accelerators: unknown accelerator "mi300z"; did you mean "mi300a"?
  [2]
