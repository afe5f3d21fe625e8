// api.ts - ask the moat that serves this page. An answer comes as a stream: an estimate, progress, then the verified document.
import type {Doc} from '../document';
import type {Tree} from './state';

const session = Math.random().toString(36).slice(2);

export type Hear = {estimate?: (d: Doc) => void; progress?: (done: number, of: number) => void};
export type Question = {command: string; scenario?: Tree | string; files?: {[name: string]: string}; accelerator?: string; other?: string};

export class Refused extends Error {}

async function refusal(r: Response): Promise<never> {
  let text = `${r.status} ${r.statusText}`;
  try { text = (await r.json()).error ?? text; } catch { /* no JSON: the status says it */ }
  throw new Refused(text);
}

/** part: what the question is about; a newer question of the same part ends the older one. */
export async function ask(q: Question, part: string, signal: AbortSignal, hear: Hear = {}): Promise<Doc> {
  const r = await fetch(`/api/run/${q.command}?session=${session}-${part}`, {method: 'POST', signal, headers: {'Content-Type': 'application/json', Accept: 'text/event-stream'},
    body: JSON.stringify({scenario: q.scenario, files: q.files, accelerator: q.accelerator, other: q.other})});
  if (!r.ok || !r.body) return refusal(r);
  const reader = r.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '', done: Doc | null = null;
  for (;;) {
    const {value, done: end} = await reader.read();
    if (end) break;
    text += value;
    for (let cut = text.indexOf('\n\n'); cut >= 0; cut = text.indexOf('\n\n')) {
      const lines = text.slice(0, cut).split('\n'), event = lines.find((l) => l.startsWith('event: '))?.slice(7);
      const data = lines.filter((l) => l.startsWith('data: ')).map((l) => l.slice(6)).join('\n');
      text = text.slice(cut + 2);
      if (event === 'progress') { const p = JSON.parse(data); hear.progress?.(p.done, p.of); }
      if (event === 'estimate') hear.estimate?.(JSON.parse(data));
      if (event === 'done') done = JSON.parse(data);
      if (event === 'error') throw new Refused(JSON.parse(data).error);
    }
  }
  if (!done) throw new Refused('the answer was cut short');
  return done;
}

export async function catalog(of: string): Promise<Doc> {
  const r = await fetch(`/api/catalog/${of}`);
  return r.ok ? r.json() : refusal(r);
}

/** YAML or JSON as a tree: moat reads it, so that the page cannot read it otherwise. */
export async function tree(text: string): Promise<Tree> {
  const r = await fetch('/api/tree', {method: 'POST', headers: {'Content-Type': 'application/yaml'}, body: text});
  return r.ok ? r.json() : refusal(r);
}
