A report is one file that holds the JSON that --json prints, for every command that has a document. Without npm moat is built without
its page: then --html and ui say how to get it.

  $ if moat catalog list models --quiet --html probe.html > /dev/null 2> error; then echo yes > has; else grep -q 'built without its page; .* scripts/page' error || cat error; fi
  $ test -f has || exit 80

  $ cat > s.yaml <<'END'
  > {model: llama-3.1-8b, accelerator: l40s, traffic: {preset: azure-2023-conv, rate: 2/s, limit: 100}, slo: {ttft: {p99: 2s}}}
  > END
  $ document() { python3 -c 'import json, re, sys
  > page = open(sys.argv[1]).read()
  > d = json.loads(re.search(r"id=.moat-document.>(.*?)</script>", page, re.S).group(1)); d.pop("run")
  > print(json.dumps(d) if len(sys.argv) < 3 else json.loads(re.search(r"id=.moat-command.>(.*?)</script>", page, re.S).group(1)))' "$@"; }
  $ plain() { python3 -c 'import json, sys; d = json.load(sys.stdin); d.pop("run"); print(json.dumps(d))'; }
  $ moat sim s.yaml --json --html s.html --quiet | plain > a; document s.html > b; cmp a b && echo same
  same
  $ moat sim s.yaml --quiet --html s.html | head -1
  llama-3.1-8b at bf16 on 1 x l40s (1 replica of tp 1, vllm vllm-v1): 100
  $ document s.html line
  moat sim s.yaml --quiet --html s.html
  $ moat sim s.yaml --quiet --html 'a b.html' --set title="it's" > /dev/null; document 'a b.html' line
  moat sim s.yaml --quiet --html 'a b.html' --set 'title=it'\''s'

No network is named in it: whatever it needs, it carries.

  $ grep -oE '(src|href)="https?:[^"]*"' s.html
  [1]
  $ grep -c '<!doctype html>' s.html
  1

The estimate of a plan says what it is.

  $ printf 'model: llama-3.1-8b\naccelerators: [l4, l40s]\ntraffic: {preset: azure-2023-conv, rate: 2/s, limit: 500}\nslo: {tpot: {p99: 60ms}}\n' > p.yaml
  $ moat plan p.yaml --estimate --quiet | grep -o 'an estimate, not'
  an estimate, not
  $ moat plan p.yaml --estimate --json --quiet | grep -E '"stage"|^  "simulated_requests"'
    "stage": "estimate",
    "simulated_requests": 0,
  $ moat plan p.yaml --estimate --set 'have={l4: 4}'
  moat: p.yaml: how much of the traffic owned cards hold is known by simulation only; leave out --estimate, or `have`
  [2]

A scenario may hold the operating point.

  $ printf '{model: llama-3.1-8b, accelerator: l4, batch: 8, isl: 500, osl: 100}' > point.yaml
  $ moat predict point.yaml --quiet | head -1
  llama-3.1-8b at bf16 on 1 x l4 (tp 1, vllm): 8 requests at a time, 500 tokens

What goes wrong.

  $ moat sim s.yaml --quiet --html /nonexistent/x.html
  moat: /nonexistent/x.html: cannot write: No such file or directory
  [3]
  $ moat help plan --html x.html
  moat: --html: moat help has no document to show
  [2]
  $ moat ui --port x
  moat: --port: expected a whole number from 0 to 65535, got "x"
  [2]
  $ moat ui --listen localhost
  moat: --listen: expected an address as 127.0.0.1 or ::1, got "localhost"
  [2]
