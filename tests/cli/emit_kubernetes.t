What is emitted for Kubernetes is valid by its published schemas (PyPI kubernetes-validate; scripts/test brings it where it can).

  $ "${MOAT_TEST_PYTHON:-python3}" -c 'import kubernetes_validate, yaml' 2>/dev/null || exit 80
  $ moat plan "$MOAT_SOURCE/examples/chat-70b.yaml" --accelerators h100,mi300x --spares 1 --set traffic.limit=2500 --json --quiet > plan.json
  $ for rank in 1 2; do for framework in '' trtllm; do
  >   python3 -c "import json; d = json.load(open('plan.json')); [c.update(framework='$framework') for c in d['candidates'] if '$framework']; print(json.dumps(d))" > p.json
  >   moat emit p.json --rank $rank --target kubernetes --image registry.example/server:1 --out out-$rank-$framework --quiet > /dev/null
  > done; done
  $ "${MOAT_TEST_PYTHON:-python3}" - <<END
  > import glob, yaml, kubernetes_validate as k
  > seen = set()
  > for path in sorted(glob.glob('out-*/service.yaml')):
  >     for document in yaml.safe_load_all(open(path)):
  >         if document:
  >             k.validate(document, k.latest_version(), strict=True)
  >             seen.add(document['kind'])
  > print(sorted(seen))
  > END
  ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'PersistentVolumeClaim', 'PodDisruptionBudget', 'Service']
