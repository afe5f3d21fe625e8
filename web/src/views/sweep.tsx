// sweep.tsx - moat.sweep: one metric along an axis, a line for each combination of the others; every cell as a row.
import * as Plot from '@observablehq/plot';
import {useState} from 'preact/hooks';
import {known, type Doc} from '../document';
import {Chart} from '../parts/chart';
import {figure, metric, none, percent, time, usd} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Table} from '../parts/table';
import type {View} from './view';

const metrics: {key: string; name: string; print: (v: number) => string}[] = [
  {key: 'usd_per_mtok', name: '$ per Mtok', print: usd}, {key: 'ttft_p99_ms', name: 'p99 TTFT', print: time}, {key: 'tpot_p99_ms', name: 'p99 TPOT', print: time},
  {key: 'usd_per_hour', name: '$/h', print: usd},
  {key: 'output_tok_s', name: 'output tokens/s', print: figure}, {key: 'goodput_req_s', name: 'requests/s within the limits', print: figure},
  {key: 'utilisation_frac', name: 'busy', print: percent}, {key: 'devices', name: 'cards', print: figure},
  {key: 'ttft_mean_ms', name: 'mean TTFT', print: time}, {key: 'tpot_mean_ms', name: 'mean TPOT', print: time}];

const there = (d: Doc) => metrics.filter((m) => d.cells.some((c: any) => known(c[m.key])));
const named = (inputs: any) => Object.entries(inputs).map(([k, v]) => `${k} ${v}`).join(', ');

/** "500ms", "5/s" as a number, for an axis; null: a word. */
function numeric(v: unknown): number | null {
  if (typeof v === 'number') return v;
  const m = /^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*([a-zA-Z%/]*)\s*$/.exec(String(v));
  return m ? Number(m[1]) : null;
}

function wideRange(values: unknown[]): boolean {
  const lo = numeric(values[0])!, hi = numeric(values[values.length - 1])!;
  return values.length > 2 && lo > 0 && hi / lo >= 8;
}

/** The last point of each line with the height of its label: at least `gap` apart, in the order of the lines. */
function ends(data: any[], series: string[], gap: number): any[] {
  const last = series.map((s) => data.filter((p) => p.series === s).at(-1)).sort((a, b) => a.y - b.y);
  let least = -Infinity;
  return last.map((p) => {
    least = Math.max(p.y, least + gap);
    return {...p, at: least};
  });
}

function answer(d: Doc): string {
  const best = d.best !== null && d.best !== undefined ? d.cells[d.best] : null;
  if (!d.answered) return t('None of the {n} cells can be run.', {n: d.cells.length});
  if (!best) return t('{n} of {all} cells have an answer; none is known to keep every promise.', {n: d.answered, all: d.cells.length});
  return t('The cheapest of {n} cells that keeps every promise: {what}; {usd}/h, {mtok} per million output tokens.', {n: d.cells.length, what: named(best.inputs), usd: usd(best.usd_per_hour), mtok: usd(best.usd_per_mtok)});
}

function Lines({d}: {d: Doc}) {
  const choices = there(d), [key, setKey] = useState(choices.find((m) => m.key === 'tpot_p99_ms' || m.key === 'tpot_mean_ms')?.key ?? choices[0]?.key);
  const m = choices.find((c) => c.key === key);
  const along = [...d.axes].reverse().find((a: any) => a.values.length > 1 && a.values.every((v: unknown) => numeric(v) !== null)) ?? d.axes[d.axes.length - 1];
  if (!m || !along) return null;
  const number = along.values.every((v: unknown) => numeric(v) !== null);
  const data = d.cells.filter((c: any) => known(c[m.key])).map((c: any) => ({x: number ? numeric(c.inputs[along.key]) : String(c.inputs[along.key]), y: c[m.key], held: c.slo_held,
    series: Object.entries(c.inputs).filter(([k]) => k !== along.key).map(([k, v]) => d.axes.length > 2 ? `${k.split('.').pop()} ${v}` : String(v)).join(', ') || m.name}));
  const series = [...new Set(data.map((p: any) => p.series))] as string[];
  const dash = ['', '6 3', '2 3', '8 3 2 3', '10 4', '1 4'];
  const most = Math.max(...data.map((p: any) => p.y), 0) * 1.06;
  return <>
    <p class="row screen"><label for="metric">{t('Show')}</label>
      <select id="metric" value={key} onChange={(e) => setKey(e.currentTarget.value)}>{choices.map((c) => <option value={c.key}>{t(c.name)}</option>)}</select></p>
    <Chart title={t('{metric} by {axis}', {metric: t(m.name), axis: along.key})} of={[d, key]}
      caption={t('A line for each combination of the other keys; filled: every promise is kept, hollow: one is missed.')}
      label={data.map((p: any) => `${p.series} ${p.x}: ${m.print(p.y)}`).join('; ')}
      draw={(width, ink) => {
        const short = (s: string) => width < 560 ? s.replace(/[\w.]+ ([^,]+)/g, '$1') : s;          // the values alone
        const height = Math.min(420, Math.max(300, width * 0.45)), margin = Math.min(width * 0.42, 34 + 6.4 * Math.max(...series.map((s) => short(s).length)));
        return {
          height, marginLeft: 60, marginRight: series.length > 1 ? margin : 24, marginTop: 24, marginBottom: 40,
          x: number ? {label: along.key, type: wideRange(along.values) ? 'log' : 'linear', ticks: along.values.map(numeric), tickFormat: (v: number) => figure(v)}
            : {type: 'point', domain: along.values.map(String), label: along.key},
          y: {label: t(m.name), grid: true, domain: [0, most], tickFormat: (v: number) => m.print(v)},
          marks: [
            ...series.map((s, i) => Plot.line(data.filter((p: any) => p.series === s), {x: 'x', y: 'y', stroke: ink.c[i % 6], strokeWidth: 2, strokeDasharray: dash[i % 6]})),
            Plot.dot(data, {x: 'x', y: 'y', r: 4, fill: (p: any) => p.held === false ? ink.paper : ink.c[series.indexOf(p.series) % 6], stroke: (p: any) => ink.c[series.indexOf(p.series) % 6], strokeWidth: 1.8, title: (p: any) => `${p.series}\n${along.key} ${p.x}: ${m.print(p.y)}`}),
            ...(series.length > 1 ? [Plot.text(ends(data, series, most / (height - 64) * 14), {x: 'x', y: 'at', text: (p: any) => short(p.series), dx: 10, textAnchor: 'start', fill: (p: any) => ink.c[series.indexOf(p.series) % 6]})] : []),
          ],
        };
      }} />
  </>;
}

function Body({doc: d}: {doc: Doc}) {
  return <>
    <Lines d={d} />
    <Card title={t('Every cell')}>
      <Table caption={t('Cells in the order of the grid')} first={24} rows={d.cells as any[]} row={(_c, i) => i === d.best ? 'picked' : ''} columns={[
        ...d.axes.map((a: any) => ({title: a.key, cell: (c: any) => String(c.inputs[a.key])})),
        {title: t('holds'), cell: (c: any) => c.reason ?? (c.slo_held === null ? none : c.slo_held ? t('yes') : t('no'))},
        ...there(d).slice(0, 5).map((m) => ({title: t(m.name), number: true, cell: (c: any) => known(c[m.key]) ? m.print(c[m.key]) : none})),
      ]} />
    </Card>
  </>;
}

export const sweep: View = {
  schema: 'moat.sweep', title: () => t('Sweep'), question: (d) => t('What changes with {keys}? {n} cells, each run as moat {kind}.', {keys: d.axes.map((a: any) => metric(a.key)).join(', '), n: d.cells.length, kind: d.kind}),
  answer, answered: (d) => d.answered > 0, Body,
};
