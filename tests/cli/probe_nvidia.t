NVIDIA devices, by stand-ins for the driver, cuBLASLt and NVML that answer with known times (tests/live/fake_nvidia.c).

  $ mkdir all bare less && for d in all bare; do ln -s "$FAKE_NVIDIA_SO" $d/libcuda.so.1; done; ln -s "$FAKE_NVIDIA_LESS_SO" less/libcuda.so.1
  $ ln -s "$FAKE_NVIDIA_SO" all/libcublasLt.so.12; ln -s "$FAKE_NVIDIA_SO" all/libnvidia-ml.so.1
  $ probe() { LD_LIBRARY_PATH=$PWD/$1 FAKE_NVIDIA=$2 moat probe --time ${TIME:-10ms} --array 8MB --threads 1 --no-library "${@:3}"; }
  $ cat > figures.py <<END
  > import json, sys
  > for g in json.load(sys.stdin)["nvidia"]:
  >     print(g["index"], g["name"], g["sms"], *(k + "=%.4g" % g[k] for k in sorted(g) if k.endswith(("bytes_s", "launch_s", "_w"))), "peer=%s" % g.get("peer"))
  >     print(*(m["type"] + "=%.4g" % m["flop_s"] for m in g["gemm"]))
  > END

The known times come back.

  $ TIME=60ms probe all '' --device nvidia --json | python3 figures.py
  0 NVIDIA Fake 80GB 132 copy_bytes_s=3e+12 idle_w=90 launch_s=2.5e-06 limit_w=700 load_w=650 to_device_bytes_s=5e+10 to_host_bytes_s=4e+10 peer=None
  bf16=6e+14 bf16=6e+14 bf16=6e+14 fp8=1.1e+15 fp8=1.1e+15 fp8=1.1e+15
  $ probe all devices=2 --device nvidia --json | python3 figures.py | grep -oE '^[01] |peer.*'
  0 
  peer_bytes_s=3e+11 to_device_bytes_s=5e+10 to_host_bytes_s=4e+10 peer=1
  1 
  peer_bytes_s=3e+11 to_device_bytes_s=5e+10 to_host_bytes_s=4e+10 peer=0
  $ probe all devices=2,nopeer --device nvidia --json | python3 figures.py | grep -c peer=None
  2
  $ probe all '' --device nvidia | head -1
  NVIDIA Fake 80GB: copies 3 TB/s, multiplies 600 TFLOP/s in bf16, 1.1 PFLOP/s in fp8.
  $ probe all '' --device nvidia --csv | grep -E '^(copy|launch|fp8)' | cut -d, -f1,2,4,6
  copy,nvidia 0,3e+12,bytes/s
  launch,nvidia 0,2.5e-06,s
  fp8,nvidia 0,1.1e+15,flop/s
  $ probe all '' --device all --json 2> /dev/null | python3 "$TESTDIR/contract.py" moat.probe/1
  ok
  $ probe all cc=80 --device nvidia --json | python3 figures.py | tail -1
  bf16=6e+14

A chip file for each device.

  $ probe all devices=2 --device nvidia --out gpu.yaml | tail -1
  written      gpu.yaml: moat predict MODEL on gpu.yaml
  $ ls gpu*.yaml | tr '\n' ' '
  gpu-1.yaml gpu.yaml  (no-eol)
  $ moat predict llama-3.1-8b on gpu.yaml --precision fp8 --quiet | head -1 | cut -d: -f1
  llama-3.1-8b at fp8 on 1 x nvidia-fake-80gb (tp 1, vllm)
  $ grep -E '^(id|family|mem_bw|bf16|fp8|tdp|pcie):' gpu-1.yaml | python3 -c 'import re, sys; print(re.sub(r"[0-9]+\.[0-9]+", lambda m: "%.4g" % float(m[0]), sys.stdin.read()), end="")'
  id: "nvidia-fake-80gb-1"
  family: "hopper"
  mem_bw: 3000GB/s
  bf16: 600TFLOP/s
  fp8: 1100TFLOP/s
  pcie: 50GB/s
  tdp: 700W

Nothing there, or something missing: one line, and the CPU.

  $ moat probe --time 1ms --array 4MB --threads 1 --no-library --device nvidia 2>&1 | grep -c 'no NVIDIA driver here (libcuda.so.1 is not installed): the CPU is probed\|^ *copy'
  2
  $ probe less '' --device nvidia 2>&1 > out | grep -v virtual; grep -c triad out
  moat: note: no NVIDIA driver here (libcuda.so.1 has no cuLaunchKernel): the CPU is probed
  1
  $ probe all devices=0 --device nvidia 2>&1 > out | grep -v virtual; grep -c triad out
  moat: note: the NVIDIA driver has no device: the CPU is probed
  1
  $ probe all cuInit=3 --device nvidia 2>&1 > out | grep -v virtual; grep -c triad out
  moat: note: the NVIDIA driver does not start (error 3): the CPU is probed
  1
  $ probe all cuMemAlloc_v2=2 --device nvidia 2>&1 > out | grep -v virtual; grep -c triad out
  moat: note: device 0: memory failed: CUDA_ERROR_OUT_OF_MEMORY (2); it is left out
  moat: note: no NVIDIA device could be measured: the CPU is probed
  1
  $ probe bare '' --device nvidia 2>&1 > out | grep -v virtual; grep -cE '^  (copy|launch|bf16)' out
  moat: note: libcublasLt.so.13 is not installed; libnvidia-ml.so.1 is not installed: products are not measured
  2

One figure that fails is left out, the others stand; a clock that stands still too.

  $ for f in cuMemcpyDtoHAsync_v2 cuMemAllocHost_v2 cuModuleLoadData cuLaunchKernel cublasLtMatmul cublasLtCreate cublasLtMatrixLayoutCreate nvmlInit_v2 nvmlDeviceGetPowerUsage; do probe all $f=7 --device nvidia --json 2> notes | python3 figures.py > out; echo "$f: $(grep -c copy_bytes_s=3e+12 out) $(grep -v virtual notes | cut -d: -f3- | head -1)"; done
  cuMemcpyDtoHAsync_v2: 1  device 0: a copy to the host failed: CUDA_ERROR_UNKNOWN (7); it is left out
  cuMemAllocHost_v2: 1  device 0: pinned memory failed: CUDA_ERROR_UNKNOWN (7); it is left out
  cuModuleLoadData: 1  device 0: loading a kernel failed: CUDA_ERROR_UNKNOWN (7); it is left out
  cuLaunchKernel: 1  device 0: launching a kernel failed: CUDA_ERROR_UNKNOWN (7); it is left out
  cublasLtMatmul: 1  device 0: a bf16 product failed: cuBLAS status 7; it is left out
  cublasLtCreate: 1  device 0: cublasLtCreate failed: cuBLAS status 7; it is left out
  cublasLtMatrixLayoutCreate: 1  device 0: a product failed: cuBLAS status 7; it is left out (2 times)
  nvmlInit_v2: 1 
  nvmlDeviceGetPowerUsage: 1 
  $ probe all notime --device nvidia 2>&1 > /dev/null | grep -v virtual | head -1
  moat: note: device 0: a copy took no time by the driver's events; it is left out

  $ moat probe --device abacus
  moat: --device: no device "abacus"; write cpu, nvidia or all
  [2]
