// work.tsx - moat.predict_work, and moat.predict of a workload: the rate of what is no language model, device by device.
import * as Plot from '@observablehq/plot';
import {known, span, type Doc} from '../document';
import {Chart, logTicks} from '../parts/chart';
import {big, figure, none, range, time, usd} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Table} from '../parts/table';
import type {View} from './view';

const rows = (d: Doc): any[] => d.candidates ?? [d];
const cost = (c: any) => known(c.usd_per_session_hour) ? `${usd(c.usd_per_session_hour)} ${t('a session-hour')}` : known(c.usd_per_million_units) ? `${usd(c.usd_per_million_units)} ${t('a million')}` : none;

function answer(d: Doc): string {
  const c = rows(d).find((r) => r.rate > 0);
  if (!c) return t('No accelerator asked for can do it: {why}', {why: rows(d)[0]?.reason ?? ''});
  return t('{work} on {acc}: {rate} {unit} a card {range}{cost} ({evidence}).', {work: c.work, acc: `${c.devices} × ${c.accelerator}`, rate: figure(c.rate), unit: c.unit,
    range: range(span(c, 'rate'), figure), cost: cost(c) === none ? '' : `, ${cost(c)}`, evidence: t(c.evidence)});
}

function Rates({d}: {d: Doc}) {
  const data = rows(d).filter((c) => c.rate > 0).slice(0, 24);
  if (data.length < 2) return null;
  return <Chart title={t('Rate of a card')} of={d} caption={t('{unit}, with the 80 % interval', {unit: data[0].unit})}
    label={data.map((c) => `${c.accelerator} ${figure(c.rate)}`).join('; ')}
    draw={(_w, ink) => ({
      height: 48 + 22 * data.length, marginLeft: 116, marginRight: 24, marginTop: 6, marginBottom: 38,
      x: {type: 'log', label: data[0].unit, ticks: logTicks(data.flatMap((c) => [c.rate_lo, c.rate_hi])), tickFormat: (v: number) => big(v), grid: true}, y: {domain: data.map((c) => c.accelerator), label: null},
      marks: [Plot.ruleY(data, {y: 'accelerator', x1: 'rate_lo', x2: 'rate_hi', stroke: ink.soft, strokeWidth: 2}), Plot.dot(data, {x: 'rate', y: 'accelerator', fill: ink.c[0], r: 4.5})],
    })} />;
}

function Body({doc: d}: {doc: Doc}) {
  return <>
    <Rates d={d} />
    <Card title={t('Rate, latency, cost')}>
      <Table caption={t('In brackets: 80 % interval.')} rows={rows(d)} columns={[
        {title: t('accelerator'), cell: (c: any) => `${c.devices} × ${c.accelerator}`},
        {title: t('a card'), number: true, cell: (c: any) => c.rate > 0 ? `${figure(c.rate)} ${range(span(c, 'rate'), figure)}` : '0'},
        {title: t('all together'), number: true, cell: (c: any) => figure(c.rate_total)},
        {title: t('latency'), number: true, cell: (c: any) => time(c.latency_ms)},
        {title: t('cost'), number: true, cell: cost},
        {title: t('evidence'), cell: (c: any) => t(c.evidence ?? '')},
        {title: t('why'), cell: (c: any) => c.reason ?? ''},
      ]} />
    </Card>
  </>;
}

export const work: View = {
  schema: 'moat.predict_work', title: (d) => String(d.work), question: (d) => t('How much {work} does each accelerator do, and at what cost?', {work: String(d.work)}),
  answer, answered: (d) => rows(d).some((c) => c.rate > 0), Body,
};
