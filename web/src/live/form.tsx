// form.tsx - the fields of a question: each sets one key of the scenario, as a flag on the command line would.
import type {Json} from '../document';
import {t} from '../parts/i18n';
import type {Field, Question} from './questions';
import {at, type Tree} from './state';

export type Names = {models: string[]; accelerators: string[]; presets: string[]};
type Props = {question: Question; scenario: Tree; names: Names; change: (key: string, value: Json | undefined) => void};

const text = (v: Json | undefined): string => v === undefined || v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v);

/** "2s", "500ms", "40/s", "1200/min" in the slider's unit; NaN: not one of these. */
function inUnit(v: Json | undefined, unit: string): number {
  const m = /^\s*([\d.]+(?:e\d+)?)\s*(us|ms|s|min|h|\/s|\/min|\/h)?\s*$/.exec(text(v));
  if (!m) return NaN;
  const per: Record<string, number> = unit === '/s' ? {'/s': 1, '/min': 1 / 60, '/h': 1 / 3600} : {us: 1e-3, ms: 1, s: 1e3, min: 6e4, h: 36e5};
  return Number(m[1]) * (per[m[2] ?? unit] ?? NaN);
}

/** Seconds from a thousand milliseconds on. */
const written = (v: number, unit: string): string => unit === 'ms' && v >= 1000 ? `${v / 1000}s` : `${v}${unit}`;

/** Where a slider stops: round figures, some twelve per cent apart. */
function stops({lo, hi}: {lo: number; hi: number}): number[] {
  const figures = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7, 8, 9], out: number[] = [];
  for (let e = -3; e < 6; e++) for (const f of figures) out.push(Number((f * 10 ** e).toPrecision(2)));
  return out.filter((v) => v >= lo && v <= hi);
}

function Slider({f, id, v, change}: {f: Field; id: string; v: Json | undefined; change: (v: Json | undefined) => void}) {
  const {unit} = f.slider!, now = inUnit(v, unit), all = stops(f.slider!);
  const off = (x: number) => Math.abs(Math.log(x / now)), place = Number.isFinite(now) ? all.reduce((best, x, i) => off(x) < off(all[best]) ? i : best, 0) : all.length >> 1;
  return <div class="slide">
    <input type="range" min="0" max={all.length - 1} step="1" value={place} aria-label={`${t(f.label)}: ${t('slider')}`} aria-valuetext={text(v) || t('none')}
      onInput={(e) => change(written(all[Number(e.currentTarget.value)], unit))} />
    <input id={id} value={text(v)} onChange={(e) => change(e.currentTarget.value.trim() || undefined)} />
  </div>;
}

function number(s: string): Json | undefined {
  return s.trim() === '' ? undefined : Number.isFinite(Number(s)) ? Number(s) : s;
}

function Input({f, v, names, change}: {f: Field; v: Json | undefined; names: Names; change: (v: Json | undefined) => void}) {
  const id = `f-${f.key}`;
  const typed = (list?: string) => <input id={id} list={list} value={text(v)} onChange={(e) => change(e.currentTarget.value.trim() || undefined)} />;
  switch (f.kind) {
    case 'slider': return <Slider f={f} id={id} v={v} change={change} />;
    case 'model': return typed('models');
    case 'accelerator': return typed('accelerators');
    case 'number': return <input id={id} inputMode="numeric" value={text(v)} onChange={(e) => change(number(e.currentTarget.value))} />;
    case 'list': return <input id={id} list="accelerators" value={Array.isArray(v) ? v.join(', ') : text(v)} onChange={(e) => {
      const words = e.currentTarget.value.split(',').map((w) => w.trim()).filter(Boolean);
      change(!words.length ? 'all' : words.length === 1 ? words[0] : words);
    }} />;
    case 'preset': case 'choice': {
      const all = f.kind === 'preset' ? ['', ...names.presets] : f.choices!, now = text(v);
      return <select id={id} value={now} onChange={(e) => change(e.currentTarget.value || undefined)}>
        {(all.includes(now) ? all : [now, ...all]).map((c) => <option value={c}>{c || t('not given')}</option>)}</select>;
    }
    default: return typed();
  }
}

export function Form({question, scenario, names, change}: Props) {
  return <>
    <datalist id="models">{names.models.map((n) => <option value={n} />)}</datalist>
    <datalist id="accelerators">{names.accelerators.map((n) => <option value={n} />)}</datalist>
    {question.groups.map((g) => <fieldset>
      <legend>{t(g.title)}</legend>
      {g.fields.map((f) => <><label for={`f-${f.key}`}>{t(f.label)}</label>
        <Input f={f} v={at(scenario, f.key)} names={names} change={(v) => change(f.key, v)} /></>)}
      {g.title === 'Accelerators' && <div class="chips">{['all', 'h100,h200,mi300x,b200-sxm', 'l4,l40s,a10,rtx-4090'].map((c) =>
        <button type="button" onClick={() => change('accelerators', c.includes(',') ? c.split(',') : c)}>{c}</button>)}</div>}
    </fieldset>)}
  </>;
}
