// state.ts - what is asked, and as a link: #/plan?model=llama-3.1-70b&traffic.rate=40%2Fs. A link made from a view opens that view.
import type {Json} from '../document';

export type Tree = {[key: string]: Json};
export type Asked = {command: string; scenario: Tree; files: {[name: string]: string}};

const isMap = (v: Json | undefined): v is Tree => typeof v === 'object' && v !== null && !Array.isArray(v);

export function at(tree: Tree, dotted: string): Json | undefined {
  let v: Json | undefined = tree;
  for (const k of dotted.split('.')) v = isMap(v) ? v[k] : undefined;
  return v;
}

/** A copy with a dotted key set; undefined takes it out, and maps that end up empty with it. */
export function set(tree: Tree, dotted: string, value: Json | undefined): Tree {
  const [head, ...rest] = dotted.split('.'), out = {...tree};
  if (!rest.length) {
    if (value === undefined) delete out[head]; else out[head] = value;
    return out;
  }
  const below = set(isMap(out[head]) ? out[head] as Tree : {}, rest.join('.'), value);
  if (Object.keys(below).length) out[head] = below; else delete out[head];
  return out;
}

function text(v: Json): string {
  if (typeof v !== 'string') return JSON.stringify(v);
  try { JSON.parse(v); return JSON.stringify(v); } catch { return v; }
}

function value(s: string): Json {
  try { return JSON.parse(s); } catch { return s; }
}

function flat(tree: Tree, under = ''): [string, string][] {
  return Object.entries(tree).flatMap(([k, v]): [string, string][] =>
    isMap(v) && k !== 'sweep' && Object.keys(v).length && Object.keys(v).every((x) => !x.includes('.')) ? flat(v, `${under}${k}.`) : [[under + k, text(v)]]);
}

export function toLink(a: Asked): string {
  return `#/${a.command}?${flat(a.scenario).map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join('&')}`;
}

export function fromLink(hash: string): Asked | null {
  const m = /^#\/(\w+)(?:\?(.*))?$/.exec(hash);
  if (!m) return null;
  let scenario: Tree = {};
  for (const pair of (m[2] ?? '').split('&').filter(Boolean)) {
    const [k, v] = pair.split('=').map(decodeURIComponent);
    scenario = set(scenario, k, value(v ?? ''));
  }
  return {command: m[1], scenario, files: {}};
}
