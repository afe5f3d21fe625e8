// yaml.ts - a scenario's tree as YAML, for people to read and keep. Reading is left to moat itself (POST /api/tree).
import type {Json} from '../document';

const plain = /^[A-Za-z_][\w ./@%-]*$/, reserved = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

function scalar(v: Json): string {
  if (v === null) return 'null';
  if (typeof v !== 'string') return String(v);
  if ((plain.test(v) && !reserved.test(v) && !/[ ]$/.test(v)) || /^\d[\d.]*[A-Za-z/%][\w/%]*$/.test(v) && !/^[\d.]+e\d+$/i.test(v) && !/^0[xo]/.test(v)) return v;
  return JSON.stringify(v);
}

const isMap = (v: Json): v is {[key: string]: Json} => typeof v === 'object' && v !== null && !Array.isArray(v);
const flat = (v: Json): boolean => isMap(v) ? Object.keys(v).length <= 3 && Object.values(v).every((x) => typeof x !== 'object' || x === null) : Array.isArray(v) ? v.every((x) => typeof x !== 'object' || x === null) : true;
const key = (k: string) => plain.test(k) || /^[\w.-]+$/.test(k) && !/^\d/.test(k) ? k : JSON.stringify(k);

function inline(v: Json): string {
  const item = (x: Json) => { const s = scalar(x); return /[,\[\]{}]/.test(s) && !s.startsWith('"') ? JSON.stringify(x) : s; };
  return isMap(v) ? `{${Object.entries(v).map(([k, x]) => `${key(k)}: ${item(x)}`).join(', ')}}` : Array.isArray(v) ? `[${v.map(item).join(', ')}]` : scalar(v);
}

function block(v: Json, indent: string): string {
  if (isMap(v)) return Object.entries(v).map(([k, x]) => flat(x) || (Array.isArray(x) && !x.length) ? `${indent}${key(k)}: ${inline(x)}\n` : `${indent}${key(k)}:\n${block(x, indent + '  ')}`).join('');
  if (Array.isArray(v)) return v.map((x) => flat(x) ? `${indent}- ${inline(x)}\n` : `${indent}-\n${block(x, indent + '  ')}`).join('');
  return `${indent}${scalar(v)}\n`;
}

export const yaml = (v: Json): string => block(v, '');
