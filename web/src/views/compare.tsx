// compare.tsx - moat.compare: what differs between two scenarios, and what comes of it.
import * as Plot from '@observablehq/plot';
import {known, type Doc} from '../document';
import {Chart} from '../parts/chart';
import {factor, figure, none, usd} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Table} from '../parts/table';
import type {View} from './view';

const text = (v: unknown) => v === null || v === undefined ? none : typeof v === 'object' ? JSON.stringify(v) : String(v);
const value = (key: string, v: unknown) => !known(v) ? text(v) : key.startsWith('usd') ? usd(v) : figure(v);

function answer(d: Doc): string {
  if (!d.differences.length) return t('Nothing differs in what is asked.');
  const cost = d.changes.find((c: any) => c.key === 'usd_per_mtok');
  return cost && known(cost.ratio)
    ? t('{b} costs {x} what {a} costs for a million output tokens: {vb} against {va}.', {a: d.a, b: d.b, x: factor(cost.ratio), va: usd(cost.a), vb: usd(cost.b)})
    : t('{n} keys differ between {a} and {b}.', {n: d.differences.length, a: d.a, b: d.b});
}

function Ratios({d}: {d: Doc}) {
  const data = d.changes.filter((c: any) => known(c.ratio) && c.ratio > 0);
  if (data.length < 2) return null;
  const most = Math.max(1.5, ...data.map((c: any) => Math.max(c.ratio, 1 / c.ratio)));
  return <Chart title={t('What comes out, second over first')} of={d} caption={t('Right of the line the second has more, left of it less.')}
    label={data.map((c: any) => `${c.key} ${factor(c.ratio)}`).join('; ')}
    draw={(_w, ink) => ({
      height: 48 + 24 * data.length, marginLeft: 128, marginRight: 48, marginTop: 6, marginBottom: 38,
      x: {type: 'log', domain: [1 / most, most], label: t('times'), ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20].filter((v) => v <= most && v >= 1 / most), tickFormat: (v: number) => String(v), grid: true}, y: {domain: data.map((c: any) => c.key), label: null},
      marks: [Plot.ruleX([1], {stroke: ink.soft, strokeWidth: 1.5}), Plot.ruleY(data, {y: 'key', x1: () => 1, x2: 'ratio', stroke: ink.c[0], strokeWidth: 3}), Plot.dot(data, {x: 'ratio', y: 'key', fill: ink.c[0], r: 4.5}),
        ...[true, false].map((more) => Plot.text(data.filter((c: any) => (c.ratio >= 1) === more), {x: 'ratio', y: 'key', text: (c: any) => factor(c.ratio), dx: more ? 10 : -10, textAnchor: more ? 'start' : 'end', fill: ink.ink, stroke: ink.paper, strokeWidth: 4}))],
    })} />;
}

function Body({doc: d}: {doc: Doc}) {
  return <>
    <Card title={t('What differs')}><Table caption={t('Keys of the scenarios')} rows={d.differences as any[]} columns={[
      {title: t('key'), cell: (r) => r.key}, {title: String(d.a), wide: true, cell: (r) => text(r.a)}, {title: String(d.b), wide: true, cell: (r) => text(r.b)}]} /></Card>
    <Ratios d={d} />
    <Card title={t('What comes out')}><Table caption={t('Results of both')} first={30} rows={d.changes as any[]} columns={[
      {title: t('key'), cell: (r) => r.key}, {title: String(d.a), number: true, cell: (r) => value(r.key, r.a)}, {title: String(d.b), number: true, cell: (r) => value(r.key, r.b)}, {title: t('times'), number: true, cell: (r) => factor(r.ratio)}]} /></Card>
    {d.one_key_alone.length > 0 && <Card title={t('Each key alone')}><Table caption={t('The first scenario with one key of the second')} rows={d.one_key_alone as any[]} columns={[
      {title: t('key'), cell: (r) => r.key}, {title: t('$ per Mtok'), number: true, cell: (r) => usd(r.usd_per_mtok)}, {title: t('times'), number: true, cell: (r) => factor(r.usd_per_mtok_ratio)}, {title: t('why'), cell: (r) => r.failed ?? ''}]} /></Card>}
    {d.ranks.length > 0 && <Card title={t('Ranks')}><Table caption={t('Accelerators that keep the promises in both')} rows={d.ranks as any[]} columns={[
      {title: t('accelerator'), cell: (r) => r.accelerator}, {title: String(d.a), number: true, cell: (r) => r.rank_a ?? none}, {title: String(d.b), number: true, cell: (r) => r.rank_b ?? none},
      {title: '$/h', number: true, cell: (r) => usd(r.usd_per_hour_a)}, {title: '$/h', number: true, cell: (r) => usd(r.usd_per_hour_b)}]} /></Card>}
  </>;
}

export const compare: View = {
  schema: 'moat.compare', title: (d) => `${d.a} / ${d.b}`, question: (d) => t('How do {a} and {b} differ, and why?', {a: d.a, b: d.b}), answer, answered: () => true, Body,
};
