What is this machine? Its figures are not known here, their shape is.

  $ moat probe --time 45ms --array 8MB --threads 1 --out host.yaml --no-library > out 2> notes; head -1 out | sed -E 's/^.* threads?: //; s/[0-9.]+ [GT]/N G/g' | cut -c1-48
  reads N GB/s, multiplies N GFLOP/s in fp32* (glob)
  $ awk 'length($0) > 80' out | grep -v '^.* thread'
  [1]
  $ grep -oE '^  (read|copy|triad|fp32|fp64|wake)' out | sort -u | tr -d ' ' | tr '\n' ' '
  copy fp32 fp64 read triad wake  (no-eol)

The file is a chip like any other.

  $ moat catalog add host.yaml --catalog own --quiet > added && moat catalog show host --catalog own --quiet | grep -c 'measured by moat probe'
  1
  $ moat predict llama-3.2-1b on host.yaml --precision int4 --batch 1 --quiet | head -1
  llama-3.2-1b at int4* on 1 x host (tp 1, llama.cpp):* (glob)
  $ moat probe --time 1ms --array 4MB --id mine --json --quiet | python3 "$TESTDIR/contract.py" moat.probe/1
  ok
  $ moat probe --time 1ms --array 4MB --threads 1 --csv --quiet | cut -d, -f1 | sort -u | grep -cE '^(read|copy|triad|fp32|fp64|wake|what)$'
  7

Wrong input.

  $ moat probe --time soon
  moat: --time: expected a duration such as 500ms or 2s, got "soon"
  [2]
  $ moat probe --array 1B
  moat: --array: 1B is out of range
  [2]
  $ moat probe --array 900GB --time 1ms 2>&1 | tail -1
  moat: probe: no memory for three arrays of 900000 MB; name a smaller --array
  $ moat probe here
  moat: probe: * (glob)
  [2]
  $ moat probe --time 1ms --array 4MB --out nowhere/host.yaml --quiet
  moat: nowhere/host.yaml: cannot write: No such file or directory
  [3]
