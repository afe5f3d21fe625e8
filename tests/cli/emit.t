A plan as files that deploy it.

  $ moat plan "$MOAT_SOURCE/examples/chat-70b.yaml" --accelerators h100 --spares 1 --set traffic.limit=2500 --json --quiet > plan.json
  $ moat emit plan.json --target vllm --out v --quiet
  v/serve.sh
  v/bench.sh
  $ test -x v/serve.sh && test -x v/bench.sh && sh -n v/serve.sh && sh -n v/bench.sh && sed -n 's/^exec //p' v/serve.sh
  vllm serve meta-llama/Llama-3.1-70B \

Every number of the plan is where the engine looks for it, and no engine is asked for more sequences than tokens of a step.

  $ python3 - <<END
  > import json, re
  > best = json.load(open('plan.json'))['best']
  > flag = dict(re.findall(r'(--\S+) ([^\s-]\S*)', open('v/serve.sh').read()))
  > assert int(flag['--tensor-parallel-size']) == best['tp'] and flag['--quantization'] == 'fp8', flag
  > assert int(flag['--max-num-seqs']) == min(best['max_seqs'], best['max_tokens']) and int(flag['--max-num-batched-tokens']) == best['max_tokens']
  > assert int(flag['--max-model-len']) == best['max_context'] and float(flag['--gpu-memory-utilization']) == best['memory_frac']
  > bench = open('v/bench.sh').read()
  > for limit in best['slo']:
  >     assert f"'{limit['at']}_{limit['metric']}_ms', {limit['limit_ms']:g}" in bench, limit
  > END

Every flag is one that the engine documents.

  $ cat > spread.py <<END
  > import json, sys
  > plan = json.load(open('plan.json'))
  > plan['best'].update(json.loads(sys.argv[1]))
  > print(json.dumps(plan))
  > END
  $ python3 spread.py '{"tp": 4, "dp": 2, "pp": 2, "ep": 8, "kv_cache": "fp8"}' > big.json
  $ python3 spread.py '{"tp": 2, "dp": 2, "ep": 4, "kv_cache": "fp8"}' > moe.json
  $ for engine in vllm sglang trtllm; do
  >   moat emit moe.json --target $engine --out $engine --quiet 2>/dev/null >/dev/null
  >   moat emit big.json --target $engine --out big-$engine --quiet 2>/dev/null >/dev/null || echo "$engine: exit $?"
  >   grep -ohE -- '--[a-z][a-z0-9_-]+' $engine/serve.sh $(ls big-$engine/serve.sh 2>/dev/null) | sort -u > used
  >   test $(wc -l < used) -ge 10 && grep -vxFf "$TESTDIR/engine-flags/$engine.txt" used
  > done
  trtllm: exit 2
  [1]
  $ cat trtllm/extra.yaml | tail -3
  kv_cache_config:
    dtype: fp8
  enable_attention_dp: true
  $ moat emit big.json --target trtllm
  moat: big.json: a replica spans 2 hosts, and TensorRT-LLM starts over several only under MPI; use --target slurm
  [2]

A replica over two hosts: the rank and the leader come from where it runs.

  $ grep -oE -- '--(nnodes|node-rank|master-addr) \S+' big-vllm/serve.sh
  --nnodes 2
  --node-rank "$NODE_RANK"
  --master-addr "$LEADER"
  $ moat emit big.json --target kubernetes --quiet | grep -E '^kind|size:|LWS|nvidia.com/gpu:' | sort | uniq -c | sed 's/^ *//'
  2                 nvidia.com/gpu: 8
  2               - "$(LWS_LEADER_ADDRESS)"
  2               - "$(LWS_WORKER_INDEX)"
  1     size: 2
  1 kind: HorizontalPodAutoscaler
  1 kind: LeaderWorkerSet
  1 kind: PersistentVolumeClaim
  1 kind: PodDisruptionBudget
  1 kind: Service
  $ moat emit big.json --target slurm --quiet > s && grep -E 'nodes|gres|ntasks' s
  #SBATCH --nodes=2
  #SBATCH --ntasks-per-node=1
  #SBATCH --gres=gpu:8
      --nnodes 2 \
  $ moat emit plan.json --target slurm --out s-out --quiet >/dev/null && bash -n s-out/serve.sbatch
  $ moat emit big.json --target compose
  moat: big.json: a replica spans 2 hosts, and Compose starts containers on one; use --target kubernetes or slurm
  [2]

One host: replicas share its devices, none twice.

  $ moat emit plan.json --target compose --out c --quiet
  c/compose.yaml
  c/nginx.conf
  c/bench.sh
  $ python3 - <<END
  > import re
  > ids = re.findall(r'device_ids: \[(.*)\]', open('c/compose.yaml').read())
  > ids = [int(i) for line in ids for i in line.replace('"', '').split(', ')]
  > assert ids == list(range(len(ids))) and 1 < len(ids) <= 8, ids
  > assert len(re.findall(r'server replica-', open('c/nginx.conf').read())) == len(re.findall(r'  replica-', open('c/compose.yaml').read()))
  > END

Another vendor's device, another's image, and what is not known is said.

  $ python3 spread.py '{"accelerator": "mi300x"}' > amd.json; moat emit amd.json --target kubernetes --quiet | grep -E 'amd.com|image:'
          amd.com/gpu.product-name: "AMD_Instinct_MI300X_OAM"
          - key: amd.com/gpu
            image: docker.io/vllm/vllm-openai-rocm:v0.19.0
                amd.com/gpu: 2
  $ python3 spread.py '{"accelerator": "gaudi3"}' > gaudi.json; moat emit gaudi.json --target kubernetes
  moat: gaudi.json: no image of vLLM for SynapseAI is known; name one with --image
  [2]
  $ moat emit gaudi.json --target kubernetes --image registry.example/vllm-gaudi:1 2>&1 | grep -E 'habana|example'
          - key: habana.ai/gaudi
            image: registry.example/vllm-gaudi:1
                habana.ai/gaudi: 2
  $ python3 spread.py '{"precision": "nvfp4"}' > fp4.json; moat emit fp4.json --target vllm 2>&1 >/dev/null
  moat: note: llama-3.1-70b is planned in nvfp4: name a checkpoint in that format with --model
  $ moat emit plan.json --target vllm --model '/models/mine; rm -rf $HOME' --quiet | grep -E '^exec|tokenizer'
  exec vllm serve '/models/mine; rm -rf $HOME' \
      --tokenizer '/models/mine; rm -rf $HOME' \

What is wrong with the file, in one line.

  $ moat emit plan.json
  moat: emit: name a --target: vllm, sglang, trtllm, compose, kubernetes or slurm; usage: moat emit PLAN.json
  [2]
  $ moat emit plan.json --target kubernets
  moat: unknown target "kubernets"; did you mean "kubernetes"?
  [2]
  $ moat emit plan.json --target helm
  moat: unknown target "helm"; name vllm, sglang, trtllm, compose, kubernetes or slurm
  [2]
  $ moat emit nowhere.json --target vllm
  moat: nowhere.json: cannot be opened: No such file or directory
  [3]
  $ echo '{"schema": "moat.sim/1"}' > sim.json; moat emit sim.json --target vllm
  moat: sim.json: expected the document that `moat plan --json` prints
  [2]
  $ head -c 400 plan.json > cut.json; moat emit cut.json --target vllm 2>&1 | cut -c1-15
  moat: cut.json:
  $ moat emit plan.json --target vllm --rank 7
  moat: plan.json: no candidate has rank 7
  [2]
  $ python3 spread.py '{"tp": 0}' > bad.json; moat emit bad.json --target vllm
  moat: bad.json: best.tp: expected a whole number from 1 to 1000000000, got "0"
  [2]
  $ python3 spread.py '{"tp": 3000, "pp": 3000, "dp": 3000}' > bad.json; moat emit bad.json --target vllm
  moat: bad.json: best: a replica of 27000000000 devices is not one
  [2]
  $ python3 spread.py '{"memory_frac": 7}' > bad.json; moat emit bad.json --target vllm
  moat: bad.json: best.memory_frac: expected 0.01 to 1, got 7
  [2]
  $ touch file; moat emit plan.json --target vllm --out file/x
  moat: file/x: cannot make the folder: Not a directory
  [3]
  $ moat emit plan.json --target kubernetes --json --quiet | python3 "$TESTDIR/contract.py" moat.emit/1
  ok

A MIG instance is asked for by its profile.

  $ printf 'model: llama-3.2-1b\ntraffic: {preset: azure-2023-conv, rate: 1/s, limit: 500}\naccelerators: [h100/3g.40gb]\n' > mig.yaml
  $ moat plan mig.yaml --json --quiet > mig.json
  $ for t in kubernetes slurm compose; do moat emit mig.json --target $t --quiet | grep -E 'nvidia.com/mig|gpu.product|gres|device_ids'; done
          nvidia.com/gpu.product: "NVIDIA-H100-80GB-HBM3"
                nvidia.com/mig-3g.40gb: 1
  #SBATCH --gres=gpu:3g.40gb:1
                device_ids: ["0:0"]
