// drop.ts - what a dropped or pasted file is: a result, a model's config.json, a chip, a scenario, measured points or a trace.
import type {Doc} from '../document';
import {tree} from './api';
import type {Asked, Tree} from './state';

export type Dropped = {doc: Doc} | {asked: Asked; what: string};

const safe = (name: string, end: string) => (name.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '-').replace(/^[.-]+/, '') || 'file') .replace(new RegExp(`(\\.\\w+)?$`), end);
const list = (v: unknown): string[] => Array.isArray(v) ? v.map(String) : typeof v === 'string' && v !== 'all' ? [v] : [];

function csv(name: string, text: string, now: Asked): Dropped {
  const head = text.slice(0, text.indexOf('\n')).split(',').map((c) => c.trim().replace(/^"|"$/g, ''));
  if (head.includes('accelerator') && head.some((c) => /_ms$|_tok_s$|_pct$|_s$/.test(c)))
    return {asked: {command: 'validate', scenario: {}, files: {'points.csv': text}}, what: 'measured points'};
  const file = safe(name, '.csv');
  const {preset: _p, arrivals: _a, prompt_tokens: _i, output_tokens: _o, ...rest} = (now.scenario.traffic ?? {}) as Tree;
  return {asked: {...now, command: ['plan', 'sim', 'explain', 'sweep'].includes(now.command) ? now.command : 'plan', scenario: {...now.scenario, traffic: {...rest, trace: file}}, files: {...now.files, [file]: text}}, what: 'a trace'};
}

export async function drop(name: string, text: string, now: Asked): Promise<Dropped> {
  const start = text.trimStart();
  if (/\.csv$/i.test(name) || (!/\.(ya?ml|json)$/i.test(name) && !/^[{#]/.test(start) && /^[^\n:]+,[^\n]+\n/.test(start))) return csv(name, text, now);
  if (/\.jsonl$/i.test(name) || (start.startsWith('{') && /^\{[^\n]*\}\s*\n\s*\{/.test(start))) {
    const file = safe(name, '.jsonl'), {preset: _p, ...rest} = (now.scenario.traffic ?? {}) as Tree;
    return {asked: {...now, scenario: {...now.scenario, traffic: {...rest, trace: file}}, files: {...now.files, [file]: text}}, what: 'a trace'};
  }
  const read = await tree(text);
  if (typeof read.schema === 'string' && read.schema.startsWith('moat.')) return {doc: JSON.parse(text)};
  if (read.model_type || read.architectures || read.num_hidden_layers) {
    const file = safe(name, '.json');
    return {asked: {...now, scenario: {...now.scenario, model: `./${file}`}, files: {...now.files, [file]: text}}, what: 'a model'};
  }
  if (read.mem_bw || (read.mem && read.id)) {
    const file = safe(name, '.yaml'), scenario = now.command === 'plan' || now.command === 'explain'
      ? {...now.scenario, accelerators: [...list(now.scenario.accelerators).filter((a) => a !== `./${file}`), ...(list(now.scenario.accelerators).length ? [] : ['h100', 'h200', 'mi300x']), `./${file}`]}
      : {...now.scenario, accelerator: `./${file}`};
    return {asked: {...now, scenario, files: {...now.files, [file]: text}}, what: 'an accelerator'};
  }
  const command = read.sweep ? 'sweep' : read.tokens || read.steps ? 'train' : read.batch || read.isl ? 'predict' : read.accelerator && read.traffic ? 'sim' : 'plan';
  return {asked: {command, scenario: read, files: now.files}, what: 'a scenario'};
}
