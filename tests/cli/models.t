Models from a config.json, good and bad.

  $ cat > tiny.json <<END
  > {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
  >  "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 2048, "torch_dtype": "bfloat16"}
  > END
  $ moat catalog show tiny.json | head -1 | cut -d' ' -f1
  tiny:
  $ moat predict tiny.json on h100 --isl 100 --osl 10 --json 2> /dev/null | python3 "$TESTDIR/contract.py" moat.predict/1
  ok

Absurd sizes are refused in one line.

  $ bad() { python3 -c "import json; d = json.load(open('tiny.json')); d.update($1); json.dump(d, open('bad.json', 'w'))"; moat catalog show bad.json; }
  $ bad '{"num_hidden_layers": 0}'
  moat: bad.json* num_hidden_layers* (glob)
  [2]
  $ bad '{"num_attention_heads": 1000000000}'
  moat: bad.json* num_attention_heads* (glob)
  [2]
  $ bad '{"num_key_value_heads": 3}'
  moat: bad.json* (glob)
  [2]
  $ bad '{"hidden_size": "wide"}'
  moat: bad.json* hidden_size* (glob)
  [2]
  $ bad '{"hidden_size": -1}'
  moat: bad.json* hidden_size* (glob)
  [2]
  $ bad '{"model_type": "perceptron", "architectures": ["Perceptron"]}' 2>&1 | head -2
  moat: note: bad.json: model_type "perceptron" is not known; * (glob)
  bad: bad (perceptron), * parameters, * active (glob)
  $ echo '{"model_type": "llama",' > cut.json; moat catalog show cut.json
  moat: cut.json* (glob)
  [2]
  $ echo '[]' > list.json; moat catalog show list.json
  moat: list.json* (glob)
  [2]
  $ echo '{"hidden_size": NaN}' > nan.json; moat catalog show nan.json
  moat: nan.json* (glob)
  [2]

Unknown keys do no harm.

  $ python3 -c "import json; d = json.load(open('tiny.json')); d.update({'shoe_size': 43}); json.dump(d, open('shoe.json', 'w'))"; moat catalog show shoe.json 2> /dev/null | head -1 | cut -d: -f1
  shoe
