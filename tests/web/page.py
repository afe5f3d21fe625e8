#!/usr/bin/env python3
"""page.py - run the tests of the page in a real browser, or say why not. TAP.

usage: page.py MOAT SOURCE-ROOT WORK-DIR NPM|- NODE|- CHROMIUM|-     (NPM and so on: paths, or - where there is none)

Makes small documents of every kind with --html, starts `moat ui`, and gives both to page.mjs.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIM = """model: llama-3.1-8b
accelerator: l40s
replicas: {replicas}
traffic: {{preset: azure-2023-conv, rate: 4/s, limit: 400}}
slo: {{ttft: {{p99: 2s}}, tpot: {{p99: 40ms}}}}
"""
PLAN = """title: A small <plan> & its "page"
model: llama-3.1-8b
precision: fp8
accelerators: [h100, l40s, l4, rtx-4090, mi300x, t4]
traffic: {preset: azure-2023-conv, rate: 10/s, limit: 1500}
slo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}
"""
POINTS = """id,model,accelerator,framework,precision,tp,concurrency,isl,osl,ttft_mean_ms,tpot_mean_ms
a,llama-3.1-8b,h100-sxm-80,vllm,bf16,1,8,1000,200,60,8
b,llama-3.1-8b,h100-sxm-80,vllm,bf16,1,32,1000,200,90,11
c,llama-3.1-8b,l40s,vllm,bf16,1,8,1000,200,150,24
d,llama-3.1-8b,l40s,vllm,bf16,1,16,1000,200,200,28
"""


def skip(why):
    print(f'1..0 # SKIP {why}')
    sys.exit(0)


def documents(moat, work):
    """One report of each kind; false where moat has no page."""
    (work / 'plan.yaml').write_text(PLAN)
    (work / 'sim.yaml').write_text(SIM.format(replicas=1))
    (work / 'sim2.yaml').write_text(SIM.format(replicas=2))
    (work / 'points.csv').write_text(POINTS)
    chip = subprocess.run([moat, 'catalog', 'show', 'l40s', '--yaml'], capture_output=True, text=True, check=True).stdout
    (work / 'chip.yaml').write_text(re.sub(r'(?m)^id: .*', 'id: mychip', re.sub(r'(?m)^aliases:.*\n', '', chip)))
    model = json.loads((ROOT / 'data' / 'models' / 'llama-3.1-8b.json').read_text())
    (work / 'model.json').write_text(json.dumps({k: v for k, v in model.items() if k != 'moat'}, indent=2))
    for name, args in {
        'plan': ['plan', 'plan.yaml'], 'estimate': ['plan', 'plan.yaml', '--estimate'], 'sim': ['sim', 'sim.yaml'],
        'predict': ['predict', 'llama-3.1-70b', 'on', 'h100', '--tp', '4', '--precision', 'fp8'], 'work': ['predict', 'cloud-gaming-1080p60', 'on', 'all'],
        'train': ['train', 'llama-3.1-70b', 'on', 'h100', '--devices', '1024', '--tokens', '2T', '--global-batch', '1024'],
        'sweep': ['sweep', 'sim.yaml', '--over', 'replicas=1..3', '--over', 'accelerator=l40s,l4'], 'compare': ['compare', 'sim.yaml', 'sim2.yaml'],
        'explain': ['explain', 'l4', 'in', 'plan.yaml'], 'validate': ['validate', 'points.csv'], 'catalog': ['catalog', 'show', 'h100'],
        'no': ['plan', 'plan.yaml', '--accelerators', 'l4', '--set', 'slo.tpot.p99=1ms'],
    }.items():
        r = subprocess.run([moat, *args, '--quiet', '--html', f'{name}.html'], cwd=work, capture_output=True, text=True, check=False)
        if 'without its page' in r.stderr:
            return False
        if r.returncode > 1:
            sys.exit(f'{args}: {r.stderr}')
    return True


def main():
    moat, root, work, npm, node, chromium = sys.argv[1:7]
    moat, work = str(pathlib.Path(moat).resolve()), pathlib.Path(work)
    for tool, name in ((npm, 'npm'), (node, 'node'), (chromium, 'chromium')):
        if tool == '-':
            skip(f'there is no {name}')
    work.mkdir(parents=True, exist_ok=True)
    if not documents(moat, work):
        skip('moat was built without its page')
    here = pathlib.Path(root) / 'tests' / 'web'
    fresh = (work / 'package-lock.json').exists() and (work / 'package-lock.json').read_bytes() == (here / 'package-lock.json').read_bytes()
    for name in ('package.json', 'package-lock.json', 'page.mjs'):
        shutil.copyfile(here / name, work / name)
    if not (fresh and (work / 'node_modules' / 'axe-core').is_dir()):
        r = subprocess.run([npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd=work, capture_output=True, text=True, check=False)
        if r.returncode:
            (work / 'package-lock.json').unlink()
            skip(f'npm ci: {(r.stderr.strip().splitlines() or ["failed"])[0][:120]}')
    server = subprocess.Popen([moat, 'ui', '--port', '0', '--quiet'], stdout=subprocess.PIPE, text=True)
    try:
        return subprocess.run([node, 'page.mjs', chromium, server.stdout.readline().strip()], cwd=work, check=False).returncode
    finally:
        server.terminate()
        server.wait(30)


if __name__ == '__main__':
    sys.exit(main())
