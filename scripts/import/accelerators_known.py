"""What the table of spec sheets does not say about each accelerator, by hand.

Read by accelerators.py. Every value here is either a name (alias, family), an
arrangement (topology, cards on a board) or a figure with its source; a figure
that is somebody's memory is marked `recall` and arrives in data/ as such.
"""

# Calibration families: devices whose operator constants are alike once divided by the spec sheet.
FAMILY = {
    "volta": "v100-sxm2-32 v100-sxm2-16 v100-pcie-32",
    "turing": "t4 rtx-2080ti rtx-2080",
    "ampere": "a30 a100-pcie-40 a100-pcie-80 a100-sxm-40 a100-sxm-80 a800-sxm-80",
    "ampere-consumer": "a10 a10g a16 a40 rtx-a6000 rtx-3090 rtx-3080 rtx-3060",
    "ada": "l4 l20 l40 l40s rtx-4090 rtx-4080 rtx-4060ti-16 rtx-6000-ada",
    "hopper": "h20 h100-pcie-80 h100-sxm-80 h100-nvl-94 h200-sxm-141 h200-nvl-141 h800-sxm-80 gh200-96 gh200-144",
    "blackwell": "b100 b200-sxm gb200",
    "blackwell-ultra": "b300-sxm gb300",
    "blackwell-consumer": "rtx-5090 rtx-5080 rtx-pro-6000-se rtx-pro-6000-ws gb10",
    "rubin": "rubin-vr200",
    "cdna2": "mi210 mi250x", "cdna3": "mi300a mi300x mi325x", "cdna4": "mi350x mi355x", "cdna5": "mi455x",
    "rdna3": "rx-7900xtx", "gaudi2": "gaudi2", "gaudi3": "gaudi3", "xe-hpc": "max1550", "xe2": "arc-b60",
    "tsp": "groq-lpu1 groqrack", "wse": "cerebras-wse3", "rdu": "sn40l",
    "tpu": "tpu-v4 tpu-v5e tpu-v5p tpu-v6e tpu-v7 tpu-8t tpu-8i",
    "neuron": "inferentia2 trainium1 trainium2 trainium3",
    "davinci": "ascend-910b ascend-910c ascend-950dt", "mlu": "mlu370-x8 mlu590",
    "tensix": "tt-n150 tt-n300 tt-p100a tt-p150a", "apple": "m2-ultra m3-ultra",
    "x86": "xeon-8480p xeon-6980p epyc-9654 epyc-9755", "mtia": "mtia-v2 mtia-300", "maia": "maia-100",
}

# Short names people type. The first meaning of a bare family name is the part most clouds sell under it.
ALIASES = {
    "v100-sxm2-16": "v100 v100-16 v100-sxm2 tesla-v100", "v100-sxm2-32": "v100-32", "v100-pcie-32": "v100-pcie",
    "t4": "tesla-t4 nvidia-t4", "a10": "nvidia-a10", "a10g": "nvidia-a10g", "a30": "nvidia-a30", "a40": "nvidia-a40",
    "rtx-a6000": "a6000 rtxa6000", "a100-pcie-80": "a100-pcie", "a100-sxm-40": "a100-40 a100-40gb",
    "a100-sxm-80": "a100 a100-80 a100-80gb a100-sxm", "a800-sxm-80": "a800", "l4": "nvidia-l4", "l40": "nvidia-l40",
    "l40s": "nvidia-l40s", "h20": "nvidia-h20", "h100-pcie-80": "h100-pcie",
    "h100-sxm-80": "h100 h100-80 h100-80gb h100-sxm h100-sxm5 hgx-h100", "h100-nvl-94": "h100-nvl",
    "h200-sxm-141": "h200 h200-sxm h200-141", "h200-nvl-141": "h200-nvl", "h800-sxm-80": "h800",
    "gh200-96": "gh200", "gh200-144": "gh200-nvl2", "b100": "b100-sxm", "b200-sxm": "b200 hgx-b200",
    "b300-sxm": "b300 hgx-b300", "gb200": "gb200-nvl72 gb200-nvl", "gb300": "gb300-nvl72",
    "rubin-vr200": "rubin vr200 r200", "rtx-2080ti": "2080ti rtx2080ti rtx-2080-ti", "rtx-2080": "2080 rtx2080",
    "rtx-3090": "3090 rtx3090", "rtx-3080": "3080 rtx3080", "rtx-3060": "3060 rtx3060", "rtx-4090": "4090 rtx4090",
    "rtx-4080": "4080 rtx4080", "rtx-4060ti-16": "4060ti rtx-4060-ti rtx4060ti", "rtx-5090": "5090 rtx5090",
    "rtx-5080": "5080 rtx5080", "rtx-6000-ada": "6000-ada rtx6000-ada", "rtx-pro-6000-se": "rtx-pro-6000 pro-6000",
    "gb10": "dgx-spark spark", "mi250x": "mi250", "mi300x": "mi300", "mi325x": "mi325", "mi350x": "mi350",
    "mi355x": "mi355", "mi455x": "mi455 mi400", "rx-7900xtx": "7900xtx 7900-xtx", "gaudi2": "gaudi-2 hl-225",
    "gaudi3": "gaudi gaudi-3 hl-325", "max1550": "ponte-vecchio pvc max-1550", "arc-b60": "b60",
    "groq-lpu1": "groq lpu groqchip groq-lpu", "groqrack": "groq-rack", "cerebras-wse3": "cerebras wse3 wse-3 cs-3",
    "sn40l": "sambanova", "tpu-v4": "tpuv4 v4", "tpu-v5e": "tpuv5e v5e", "tpu-v5p": "tpuv5p v5p",
    "tpu-v6e": "trillium tpuv6e v6e", "tpu-v7": "ironwood tpu7x tpuv7", "tpu-8t": "tpu-v8t", "tpu-8i": "tpu-v8i",
    "inferentia2": "inf2", "trainium1": "trn1", "trainium2": "trn2", "trainium3": "trn3",
    "ascend-910b": "ascend 910b", "ascend-910c": "910c", "ascend-950dt": "950dt", "mlu370-x8": "mlu370",
    "mlu590": "cambricon", "tt-n150": "n150", "tt-n300": "n300 wormhole", "tt-p100a": "p100a",
    "tt-p150a": "p150a blackhole tenstorrent", "m2-ultra": "apple-m2-ultra", "m3-ultra": "apple-m3-ultra",
    "xeon-8480p": "xeon-8480+ sapphire-rapids", "xeon-6980p": "xeon granite-rapids", "epyc-9654": "genoa",
    "epyc-9755": "epyc turin", "mtia-v2": "mtia", "maia-100": "maia",
}

# Streaming multiprocessors, compute units, matrix engines: whatever takes one tile of a GEMM at a time.
CORES_PUBLIC = {  # as used when the operator constants were fitted
    "a100-sxm-80": 108, "l40s": 142, "h100-sxm-80": 132, "h200-sxm-141": 132, "b200-sxm": 148, "gb200": 152,
    "arc-b60": 20,
}
CORES_RECALL = {
    "v100-sxm2-32": 80, "v100-sxm2-16": 80, "v100-pcie-32": 80, "t4": 40, "a10": 72, "a10g": 72, "a16": 10, "a30": 56,
    "a40": 84, "rtx-a6000": 84, "a100-pcie-40": 108, "a100-pcie-80": 108, "a100-sxm-40": 108, "a800-sxm-80": 108,
    "l4": 58, "l20": 92, "l40": 142, "h20": 78, "h100-pcie-80": 114, "h100-nvl-94": 132, "h200-nvl-141": 132,
    "h800-sxm-80": 132, "gh200-96": 132, "gh200-144": 132, "b100": 148, "b300-sxm": 148, "gb300": 152,
    "rubin-vr200": 224, "rtx-2080ti": 68, "rtx-2080": 46, "rtx-3090": 82, "rtx-3080": 68, "rtx-3060": 28,
    "rtx-4090": 128, "rtx-4080": 76, "rtx-4060ti-16": 34, "rtx-5090": 170, "rtx-5080": 84, "rtx-6000-ada": 142,
    "rtx-pro-6000-se": 188, "rtx-pro-6000-ws": 188, "gb10": 48, "mi210": 104, "mi250x": 220, "mi300a": 228,
    "mi300x": 304, "mi325x": 304, "mi350x": 256, "mi355x": 256, "rx-7900xtx": 96, "gaudi2": 2, "gaudi3": 8,
    "max1550": 128, "groq-lpu1": 4, "tpu-v4": 8, "tpu-v5e": 4, "tpu-v5p": 8, "tpu-v6e": 2, "inferentia2": 2,
    "trainium1": 2, "trainium2": 8, "trainium3": 8, "ascend-910b": 25, "ascend-910c": 50, "tt-n150": 72,
    "tt-n300": 128, "tt-p100a": 120, "tt-p150a": 140, "m2-ultra": 76, "m3-ultra": 80, "xeon-8480p": 56,
    "xeon-6980p": 128, "epyc-9654": 96, "epyc-9755": 128, "mtia-v2": 64,
}

# Memory as the driver reports it to a program. torch = torch.cuda.get_device_properties().total_memory.
AIC = "nvidia-smi, in ai-dynamo/aiconfigurator system files @095f58a5"
OOM = "total capacity that PyTorch prints in public out-of-memory reports (several values seen, the lowest taken)"
REC = "recall of nvidia-smi or PyTorch; check on your machine"
# Power while it waits (nvidia-smi, rocm-smi), read 2026-11: the model loaded where the source has it so.
IDLE = {
    "h100-sxm-80": ("140W", "https://github.com/wilicc/gpu-burn/issues/114 (idle: 140 to 145 W with 73 GB loaded, 2024-10)"),
    "mi300x": ("191W", "https://github.com/ROCm/legacy-rocm-build/issues/5231 (idle: 95 % of memory taken, 2025-08)"),
    "b200-sxm": ("137W", "https://github.com/ROCm/legacy-rocm-build/issues/5219 (idle: nothing loaded, 2025-08)"),
    "mi355x": ("238W", "https://github.com/ROCm/legacy-rocm-build/issues/5219 (idle: nothing loaded, 2025-08)"),
}
USABLE = {
    "rtx-4090": ("25250627584B", "torch total_memory in a vLLM 0.19.0 run, casys-kaist/LLMServingSim (MIT)"),
    "l40s": ("44.4GiB", REC + "; nvidia-smi prints 46068 MiB = 45.0 GiB (aiconfigurator)"),
    "gb200": ("189471MiB", AIC), "b300-sxm": ("275040MiB", AIC), "gb300": ("284208MiB", AIC),
    "rtx-pro-6000-se": ("97887MiB", AIC),
    "h100-sxm-80": ("79.1GiB", OOM), "a100-sxm-80": ("79.15GiB", REC), "a100-pcie-80": ("79.15GiB", REC),
    "h100-pcie-80": ("79.1GiB", REC), "a100-sxm-40": ("39.38GiB", OOM), "a100-pcie-40": ("39.38GiB", OOM),
    "t4": ("14.57GiB", OOM), "rtx-2080ti": ("10.76GiB", OOM), "rtx-5090": ("31.36GiB", OOM),
    "v100-sxm2-16": ("15.77GiB", REC), "v100-sxm2-32": ("31.73GiB", REC), "v100-pcie-32": ("31.73GiB", REC),
    "a10": ("22.0GiB", REC), "a10g": ("22.0GiB", REC), "l4": ("22.0GiB", REC + "; ECC takes a sixteenth"),
    "a40": ("44.3GiB", REC), "rtx-a6000": ("47.4GiB", REC), "rtx-3090": ("23.6GiB", REC), "l40": ("44.4GiB", REC),
    "rtx-6000-ada": ("47.4GiB", REC), "h200-sxm-141": ("139.7GiB", REC), "b200-sxm": ("178.3GiB", REC),
}

# Wiring inside the scale-up domain. (topology, GB/s to one peer or None for total, domain or None, note)
NONE = ("none", None, 1, None)
LINKS = {
    "v100-sxm2-32": ("torus", 50, 8, "hybrid cube mesh of DGX-1: up to two NVLinks to a neighbour"),
    "v100-sxm2-16": ("torus", 50, 8, "hybrid cube mesh of DGX-1: up to two NVLinks to a neighbour"),
    "mi210": ("mesh", 50, 4, "bridge of four, one link to each"),
    "mi250x": ("mesh", 50, 8, "seven links of 50 GB/s"),
    "mi300a": ("mesh", 128, 4, "three peers"), "mi300x": ("mesh", 64, 8, "seven peers"),
    "mi325x": ("mesh", 64, 8, "seven peers"), "mi350x": ("mesh", 76.8, 8, "seven peers"),
    "mi355x": ("mesh", 76.8, 8, "seven peers"), "gaudi2": ("mesh", 37.5, 8, "3 ports of 100 GbE to each of 7 peers"),
    "gaudi3": ("mesh", 75, 8, "3 ports of 200 GbE to each of 7 peers"), "max1550": ("mesh", 60.57, 8, "seven peers"),
    "tpu-v4": ("torus", 50, None, "six neighbours"), "tpu-v5e": ("torus", 50, None, "four neighbours"),
    "tpu-v5p": ("torus", 100, None, "six neighbours"), "tpu-v6e": ("torus", 100, None, "four neighbours"),
    "tpu-v7": ("torus", 100, None, "six neighbours"), "tpu-8t": ("torus", 200, None, "six neighbours, derived"),
    "tpu-8i": NONE, "inferentia2": ("torus", 48, 12, "ring: two neighbours"),
    "trainium1": ("torus", 96, 16, "2D torus: four neighbours"),
    "trainium2": ("torus", 128, 64, "four neighbours in an instance at 128 GB/s, two outside at 64"),
    "ascend-910b": ("mesh", 28, 8, "seven peers"), "mlu370-x8": ("bridge", None, 4, None), "mlu590": NONE,
    "tt-n150": ("torus", 50, 4, "two Ethernet neighbours"), "tt-n300": ("torus", 50, 4, "two Ethernet neighbours"),
    "tt-p150a": ("torus", 100, 4, "four Ethernet ports of 800G"),
    "groqrack": NONE, "cerebras-wse3": NONE, "sn40l": NONE, "m2-ultra": NONE, "m3-ultra": NONE,
    "maia-100": ("switch", None, 4, "Ethernet"),
}
LINNEY = "https://www.linleygroup.com/newsletters/newsletter_detail.php?num=6233 (2020-11-10)"

# Cards on one board or server as it is sold; then the most cards one host holds where that is more.
NODE_CARDS = {
    "gb200": 4, "gb300": 4, "rubin-vr200": 4, "mi455x": 4, "gh200-96": 1, "gh200-144": 2, "mi300a": 4, "mi210": 1,
    "groqrack": 1, "groq-lpu1": 8, "cerebras-wse3": 1, "sn40l": 8, "tpu-v4": 4, "tpu-v5e": 8, "tpu-v5p": 4,
    "tpu-v6e": 8, "tpu-v7": 4, "tpu-8t": 4, "tpu-8i": 4, "inferentia2": 1, "trainium1": 16, "trainium2": 16,
    "trainium3": 4, "ascend-910c": 8, "ascend-950dt": 8, "xeon-8480p": 2, "xeon-6980p": 2, "epyc-9654": 2,
    "epyc-9755": 2, "maia-100": 4, "mlu590": 8, "a16": 4, "mtia-300": 8,
}
HOST_CARDS = {"inferentia2": 12, "mtia-v2": 24, "gb10": 1, "m2-ultra": 1, "m3-ultra": 1, "gh200-96": 1,
              "rtx-2080ti": 4, "rtx-2080": 4, "rtx-3090": 4, "rtx-3080": 4, "rtx-3060": 4, "rx-7900xtx": 4}

NOT_SHIPPING = {"rubin-vr200", "mi455x", "ascend-950dt", "tpu-8t", "tpu-8i"}

# Figures added or changed after reading the notes of the table: {sku: {column: (value, seen, why)}}.
CPU_MEM = ("512", "recall", "assumption: what a server holds for one socket; set your own")
HALF = "recall", "16-bit matrix rate is the same for bf16 and fp16 (derived)"
FIX = {
    "xeon-8480p": {"mem_gib": CPU_MEM}, "xeon-6980p": {"mem_gib": CPU_MEM}, "epyc-9654": {"mem_gib": CPU_MEM},
    "epyc-9755": {"mem_gib": CPU_MEM},
    "m2-ultra": {"int8_dense_tops": ("", "recall", "31.6 TOPS is the Neural Engine, which GEMM on the GPU cannot use")},
    "m3-ultra": {"int8_dense_tops": ("", "recall", "36 TOPS is the Neural Engine, which GEMM on the GPU cannot use")},
    "mlu590": {"mem_gb": ("80", "recall", "press report, not verified"),
               "mem_bw_gbs": ("2700", "recall", "press report, not verified")},
    "tt-n150": {"bf16_dense_tflops": ("74", *HALF)}, "tt-n300": {"bf16_dense_tflops": ("131", *HALF)},
    "tt-p100a": {"fp8_dense": ("664", "1src", "BLOCKFP8 at 120 Tensix cores, awesomeagents.ai"),
                 "bf16_dense_tflops": ("332", "1src", "at 120 Tensix cores, awesomeagents.ai")},
    "tt-p150a": {"bf16_dense_tflops": ("387", "recall", "332 at 120 Tensix cores, scaled to 140 (derived)")},
    "ascend-910c": {"tdp_w": ("700", "1src", "Epoch; no datasheet")},
    "groq-lpu1": {"scaleup_bw_gbs": ("98", "1src", "7 links of 14 GB/s to the other cards of a node, " + LINNEY),
                  "scaleup_domain": ("8", "1src", "fully connected node of eight, ISCA 2022 paper"),
                  "scaleout_bw_gbs": ("56", "1src", "4 links of 14 GB/s leave the node, ISCA 2022 paper")},
}
LINKS["groq-lpu1"] = ("mesh", 14, 8, "seven peers in a node; four more links build a dragonfly between nodes")

# Cards the argument names as families and the table leaves out. All recall.
EXTRA_COLUMNS = ("id vendor name class arch launch_date form mem_gib mem_type mem_bw_gbs fp64_tflops fp32_tflops "
                 "bf16_dense_tflops fp16_dense fp8_dense int8_dense_tops fp4_dense onchip_sram_mb pcie_gen tdp_w "
                 "rt_cores list_price_usd").split()
EXTRA = [
    "rtx-2080|NVIDIA|GeForce RTX 2080|small|Turing TU104|2018-09|PCIe|8|GDDR6|448|0.31|10.1||40.3||161||4|3|215|46|699 (2018)",
    "rtx-3060|NVIDIA|GeForce RTX 3060 12GB|small|Ampere GA106|2021-02|PCIe|12|GDDR6|360|0.2|12.7|25.5|25.5||102||3|4|170|28|329 (2021)",
    "rtx-3080|NVIDIA|GeForce RTX 3080 10GB|small|Ampere GA102|2020-09|PCIe|10|GDDR6X|760|0.47|29.8|59.5|59.5||238||5|4|320|68|699 (2020)",
    "rtx-4060ti-16|NVIDIA|GeForce RTX 4060 Ti 16GB|small|Ada AD106|2023-07|PCIe|16|GDDR6|288|0.34|22.1|44.1|44.1|88.2|177||32|4|165|34|499 (2023)",
    "rtx-4080|NVIDIA|GeForce RTX 4080|small|Ada AD103|2022-11|PCIe|16|GDDR6X|716.8|0.76|48.7|97.5|97.5|194.9|390||64|4|320|76|1199 (2022)",
    "rtx-5080|NVIDIA|GeForce RTX 5080|small|Blackwell GB203|2025-01|PCIe|16|GDDR7|960|0.88|56.3|112.6|112.6|225.1|450|900|64|5|360|84|999 (2025)",
]
