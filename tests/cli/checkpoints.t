Models from the headers of their weights: GGUF, safetensors, a folder.

  $ cat > write.py <<END
  > import json, os, struct
  > os.mkdir('hf')
  > H, I, V, L = 256, 512, 1000, 2
  > def text(s): return struct.pack('<Q', len(s)) + s.encode()
  > def tensors(names, dtype):
  >     out = [(names['embed'], (V, H), dtype), (names['norm'], (H,), 'F32')]
  >     for i in range(L):
  >         for n, s in {'q': (H, H), 'k': (128, H), 'v': (128, H), 'o': (H, H), 'gate': (I, H), 'up': (I, H), 'down': (H, I)}.items():
  >             out.append((names['layer'] % i + names[n] + '.weight', s, dtype))
  >         out += [(names['layer'] % i + n + '.weight', (H,), 'F32') for n in names['norms']]
  >     return out
  > # GGUF: Q8_0 blocks of 32 numbers in 34 bytes
  > size = {'F32': lambda n: 4 * n, 'F16': lambda n: 2 * n, 'Q8_0': lambda n: n // 32 * 34}
  > code = {'F32': 0, 'F16': 1, 'Q8_0': 8}
  > keys = {'block_count': L, 'embedding_length': H, 'feed_forward_length': I, 'attention.head_count': 4, 'attention.head_count_kv': 2, 'context_length': 4096}
  > t = tensors({'embed': 'token_embd.weight', 'norm': 'output_norm.weight', 'layer': 'blk.%d.', 'q': 'attn_q', 'k': 'attn_k', 'v': 'attn_v', 'o': 'attn_output',
  >              'gate': 'ffn_gate', 'up': 'ffn_up', 'down': 'ffn_down', 'norms': ['attn_norm', 'ffn_norm']}, 'Q8_0')
  > head, at = b'', 0
  > for name, shape, kind in t:
  >     n = shape[0] * (shape[1] if len(shape) > 1 else 1)
  >     head += text(name) + struct.pack('<I', len(shape)) + b''.join(struct.pack('<Q', d) for d in reversed(shape)) + struct.pack('<IQ', code[kind], at)
  >     at += (size[kind](n) + 31) // 32 * 32
  > meta = text('general.architecture') + struct.pack('<I', 8) + text('llama') + b''.join(text('llama.' + k) + struct.pack('<II', 4, v) for k, v in keys.items())
  > all = b'GGUF' + struct.pack('<IQQ', 3, len(t), 1 + len(keys)) + meta + head
  > all += b'\0' * (-len(all) % 32)
  > open('tiny.gguf', 'wb').write(all + b'\0' * at)
  > open('cut.gguf', 'wb').write(all[:len(all) // 2])
  > # safetensors
  > t = tensors({'embed': 'model.embed_tokens.weight', 'norm': 'model.norm.weight', 'layer': 'model.layers.%d.', 'q': 'self_attn.q_proj', 'k': 'self_attn.k_proj',
  >              'v': 'self_attn.v_proj', 'o': 'self_attn.o_proj', 'gate': 'mlp.gate_proj', 'up': 'mlp.up_proj', 'down': 'mlp.down_proj',
  >              'norms': ['input_layernorm', 'post_attention_layernorm']}, 'F16')
  > entry, at = {}, 0
  > for name, shape, kind in t:
  >     n = size[kind](shape[0] * (shape[1] if len(shape) > 1 else 1))
  >     entry[name] = {'dtype': kind, 'shape': shape, 'data_offsets': [at, at + n]}
  >     at += n
  > doc = json.dumps(entry).encode()
  > open('hf/model.safetensors', 'wb').write(struct.pack('<Q', len(doc)) + doc + b'\0' * at)
  > END
  $ python3 write.py

  $ moat catalog show tiny.gguf | grep -E 'parameters,|^weights|^layers'
  tiny: tiny (llama), 1.44M parameters, 1.44M active
  weights      q8_0 (declared); experts q8_0, attention q8_0, LM head q8_0
  layers       2 x GQA 4/2 heads of 64; dense 512
  $ moat predict tiny.gguf on h100 --isl 100 --osl 10 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["inputs"]["model"], d["memory"]["kv_bytes_per_token"])'
  tiny.gguf 1024
  $ moat predict ./tiny.gguf on h100 --isl 100 --osl 10 --precision fp8 --quiet | head -1 | cut -d: -f1
  tiny at fp8 on 1 x h100-sxm-80 (tp 1, vllm)

A safetensors file alone says what it can; with a config.json beside it, all.

  $ moat catalog show hf/model.safetensors | grep -E 'parameters,|note|^weights|^layers'
  moat: note: hf/model.safetensors: no config.json beside it; heads of 128 are assumed, and no sliding window
  hf: hf (llama), 1.44M parameters, 1.44M active
  weights      fp16; experts fp16, attention fp16, LM head fp16
  layers       2 x GQA 2/1 heads of 128; dense 512
  $ cat > hf/config.json <<END
  > {"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4,
  >  "num_key_value_heads": 2, "vocab_size": 1000, "tie_word_embeddings": true}
  > END
  $ moat catalog show ./hf | grep -E 'parameters,|^weights|^layers'
  hf: hf (llama), 1.44M parameters, 1.44M active
  weights      fp16; experts fp16, attention fp16, LM head fp16
  layers       2 x GQA 4/2 heads of 64; dense 512

In a scenario, beside which the file lies; and kept in an overlay.

  $ mkdir sub && cp tiny.gguf sub/ && cat > sub/s.yaml <<END
  > {model: tiny.gguf, accelerator: h100, traffic: {arrivals: {process: fixed, rate: 5/s}, prompt_tokens: 100, output_tokens: 10, requests: 200}}
  > END
  $ moat sim sub/s.yaml --quiet | head -1 | cut -d' ' -f1-6
  tiny at q8_0 weight-only, bf16 arithmetic
  $ moat catalog add tiny.gguf --catalog mine
  tiny: model, now in mine/models/tiny.json
  $ moat catalog show tiny --catalog mine | grep ^weights
  weights      q8_0 (declared); experts q8_0, attention q8_0, LM head q8_0

Files that are wrong: one line, and what to do.

  $ moat predict cut.gguf on h100
  moat: cut.gguf: * beyond the end of the file; is the download complete? (glob)
  [2]
  $ moat predict gone.gguf on h100
  moat: gone.gguf: cannot be opened: No such file or directory
  [3]
  $ mkdir empty; moat catalog show ./empty
  moat: ./empty: holds no config.json, model.safetensors or model.safetensors.index.json; give a folder as the publisher ships it, or the path of a .gguf file
  [2]
  $ head -c 1000 /dev/urandom > noise.safetensors; moat catalog add noise.safetensors --catalog mine 2>&1 | wc -l
  1
  $ sed -i 's/"num_hidden_layers": 2/"num_hidden_layers": 3/' hf/config.json; moat catalog show ./hf
  moat: ./hf: its tensors hold 1.43693e+06 parameters, a llama model of its sizes has 2.02726e+06; its description and its tensors differ, or the architecture is not one that is read; give its own config.json
  [2]
