// explain.tsx - moat.explain: one accelerator beside the winner, what would flip it, where its time goes.
import {known, span, split, type Candidate, type Doc} from '../document';
import {factor, figure, metric, time, timeSpan, usd} from '../parts/format';
import {lang, t} from '../parts/i18n';
import {Breakdown} from '../parts/steps';
import {Card, Table} from '../parts/table';
import type {View} from './view';

const lines: {name: string; of: (c: Candidate) => string}[] = [
  {name: 'replicas', of: (c) => c.tp ? `${figure(c.replicas)} × ${split(c)} = ${figure(c.devices)}` : ''},
  {name: 'p99 TTFT', of: (c) => timeSpan(span(c.ttft_ms, 'p99'))},
  {name: 'p99 TPOT', of: (c) => timeSpan(span(c.tpot_ms, 'p99'))},
  {name: 'a card', of: (c) => c.price ? `${usd(c.price.usd_per_card_hour)}/h` : ''},
  {name: 'the fleet', of: (c) => known(c.usd_per_hour) ? `${usd(c.usd_per_hour)}/h` : ''},
  {name: 'per million output tokens', of: (c) => usd(c.usd_per_mtok)},
  {name: 'power', of: (c) => known(c.power_kw) ? `${figure(c.power_kw)} kW` : ''},
  {name: 'evidence', of: (c) => t(c.evidence)},
];

function answer(d: Doc): string {
  const c: Candidate = d.candidate;
  if (lang.value === 'en') return d.answer;
  if (!c.feasible) return `${d.accelerator} 未能满足承诺：${metric(c.binding)} ${known(c.short_by) ? factor(c.short_by) : ''}（${c.reason}）`;
  return d.won ? `${d.accelerator} 胜出：满足全部承诺且成本最低。` : `${d.accelerator} 排名第 ${c.rank}：满足全部承诺，但${c.reason}。`;
}

function Body({doc: d}: {doc: Doc}) {
  const c: Candidate = d.candidate, w: Candidate | null = d.winner;
  return <>
    <Card title={t('Side by side')}><Table caption={t('{a} beside the winner', {a: d.accelerator})} rows={lines} columns={[
      {title: t('figure'), cell: (l) => t(l.name)}, {title: c.accelerator, cell: (l) => l.of(c)}, ...(w && w.accelerator !== c.accelerator ? [{title: w.accelerator, cell: (l: any) => l.of(w)}] : [])]} /></Card>
    {d.flips?.length > 0 && <Card title={t('What would flip it')}><ul>{d.flips.map((f: any) => <li>{f.text}</li>)}</ul></Card>}
    {d.breakdown?.length > 0 && <Breakdown of={d} parts={d.breakdown} title={t('Where a decode step goes')} caption={t('{time} a step of {n} sequences.', {time: time(d.step_time_us / 1e3), n: figure(d.batch)})} />}
  </>;
}

export const explain: View = {
  schema: 'moat.explain', title: (d) => t('Why {a} won or lost', {a: d.accelerator}), question: (d) => t('Why did {a} win or lose, and what would flip it?', {a: d.accelerator}), answer, answered: (d) => d.candidate.feasible, Body,
};
