// validate.tsx - moat.validate: predicted against measured, every point; errors by metric and by group, the weakest first.
import * as Plot from '@observablehq/plot';
import {useState} from 'preact/hooks';
import type {Doc} from '../document';
import {Chart, evidenceSymbols, evidenceWords, logTicks} from '../parts/chart';
import {big, figure, none} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Table, Tiles} from '../parts/table';
import type {View} from './view';

const metrics = (d: Doc) => Object.entries(d.metrics ?? {}).map(([name, m]: [string, any]) => ({name, ...m})).sort((a, b) => b.n - a.n);
const pct = (v: number | null) => v === null || v === undefined ? none : `${figure(v, 2)}\u202f%`;

function answer(d: Doc): string {
  const first = metrics(d)[0];
  if (!d.scored || !first) return t('Nothing can be scored: {n} rows are refused.', {n: d.refused?.length ?? 0});
  return t('Over {n} points of {metric} the median error is {err}, the bias {bias}, and {in} of the measured values are inside the printed 80 % interval.',
    {n: figure(first.n), metric: first.name, err: pct(first.median_ape_pct), bias: pct(first.bias_pct), in: pct(first.coverage80_pct)});
}

function Scatter({d}: {d: Doc}) {
  const names = metrics(d).map((m) => m.name), [name, setName] = useState(names[0]);
  const data = (d.points as any[]).filter((p) => p.metric === name && p.measured > 0 && p.predicted > 0 && !p.fitted);
  if (!data.length) return null;
  const all = data.flatMap((p) => [p.measured, p.predicted]), ends = [Math.min(...all) / 1.3, Math.max(...all) * 1.3];
  const inside = data.filter((p) => p.measured >= p.lo && p.measured <= p.hi).length;
  return <>
    <p class="row screen"><label for="which">{t('Show')}</label><select id="which" value={name} onChange={(e) => setName(e.currentTarget.value)}>{names.map((n) => <option value={n}>{n}</option>)}</select></p>
    <Chart title={t('Predicted against measured: {metric}', {metric: name})} of={[d, name]}
      caption={`${t('On the line the prediction is right; the dashed lines are a third off. The bar is the 80 % interval.')} ${evidenceWords()}`}
      label={t('{n} points of {metric}, {in} of them inside the interval', {n: data.length, metric: name, in: inside})}
      draw={(width, ink) => ({
        width: Math.min(width, 720), height: Math.min(width, 720) * 0.82, marginLeft: 60, marginTop: 24, marginBottom: 42, symbol: evidenceSymbols,
        x: {type: 'log', domain: ends, label: t('measured'), ticks: logTicks(ends), tickFormat: (v: number) => big(v), grid: true}, y: {type: 'log', domain: ends, label: t('predicted'), ticks: logTicks(ends), tickFormat: (v: number) => big(v), grid: true}, clip: true,
        marks: [
          ...[1, 4 / 3, 3 / 4].map((k) => Plot.line([[ends[0], ends[0] * k], [ends[1], ends[1] * k]], {stroke: k === 1 ? ink.ink : ink.soft, strokeDasharray: k === 1 ? '' : '4 4', strokeWidth: k === 1 ? 1.5 : 1, clip: true})),
          Plot.ruleX(data, {x: 'measured', y1: 'lo', y2: 'hi', stroke: ink.c[0], strokeOpacity: data.length > 150 ? 0.1 : 0.3, clip: true}),
          Plot.dot(data, {x: 'measured', y: 'predicted', symbol: 'evidence', r: data.length > 300 ? 2.5 : 3.5, fill: ink.c[0], fillOpacity: 0.65, title: (p) => `${p.id} ${p.accelerator} ${p.model}\n${t('measured')} ${figure(p.measured)}, ${t('predicted')} ${figure(p.predicted)} [${figure(p.lo)}–${figure(p.hi)}]`}),
        ],
      })} />
  </>;
}

const errors = [
  {title: 'n', number: true, cell: (m: any) => figure(m.n)},
  {title: 'median error', number: true, cell: (m: any) => pct(m.median_ape_pct)}, {title: '90th percentile', number: true, cell: (m: any) => pct(m.p90_ape_pct)},
  {title: 'bias', number: true, cell: (m: any) => pct(m.bias_pct)}, {title: 'inside 80 %', number: true, cell: (m: any) => pct(m.coverage80_pct)}];

function Body({doc: d}: {doc: Doc}) {
  const cols = errors.map((c) => ({...c, title: t(c.title)}));
  const why = new Map<string, number>();
  for (const r of (d.refused ?? []) as {why: string}[]) why.set(r.why, (why.get(r.why) ?? 0) + 1);
  return <>
    <Tiles tiles={[{name: t('rows'), value: figure(d.rows)}, {name: t('scored'), value: figure(d.scored)}, {name: t('refused'), value: figure(d.refused?.length ?? 0)},
      ...metrics(d).slice(0, 3).map((m) => ({name: m.name, value: pct(m.median_ape_pct), more: t('median error, n = {n}', {n: m.n})}))]} />
    {d.points?.length > 0 && <Scatter d={d} />}
    <Card title={t('By metric')}><Table caption={t('Error is |predicted − measured| / measured')} rows={metrics(d)} columns={[{title: t('metric'), cell: (m: any) => m.name}, ...cols]} /></Card>
    {d.groups?.length > 0 && <Card title={t('By group, the weakest first')}><Table caption={t('Groups of three points or more')} first={15} rows={[...(d.groups as any[])].filter((g) => g.n >= 3).sort((a, b) => b.median_ape_pct - a.median_ape_pct)} columns={[
      {title: t('group'), cell: (g: any) => `${t(g.by)} ${g.key}`}, {title: t('metric'), cell: (g: any) => g.metric}, ...cols]} /></Card>}
    {why.size > 0 && <Card title={t('Refused')}><Table caption={t('Rows that cannot be predicted, by reason')} rows={[...why].sort((a, b) => b[1] - a[1])} columns={[{title: t('why'), wide: true, cell: (r) => r[0]}, {title: 'n', number: true, cell: (r) => figure(r[1])}]} /></Card>}
  </>;
}

export const validate: View = {
  schema: 'moat.validate', title: () => t('Predicted against measured'), question: (d) => t('How good are the predictions on {file}?', {file: String((d.inputs as any).points ?? '').replace(/.*\//, '')}), answer, answered: (d) => d.scored > 0, Body,
};
