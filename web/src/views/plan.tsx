// plan.tsx - moat.plan: the fleet to rent, the ranking, cost against latency, how near each promise is, and why the others lost.
import * as Plot from '@observablehq/plot';
import {known, span, split, type Candidate, type Doc, type Slo} from '../document';
import {Chart, evidenceSymbols, evidenceWords, logPlace, logTicks, uncovered} from '../parts/chart';
import {big, factor, figure, metric, none, percent, range, time, timeSpan, usd} from '../parts/format';
import {lang, t} from '../parts/i18n';
import {Card, Pairs, Table, Tiles, type Column} from '../parts/table';
import type {View} from './view';

const estimate = (d: Doc) => d.stage === 'estimate';
const promise = (s: Slo) => `${s.at} ${metric(s.metric)} ≤ ${time(s.limit_ms)}`;
const asked = (d: Doc) => d.slo.map(promise).join(', ');
const config = (c: Candidate) => `${figure(c.replicas)} × ${split(c)}`;
const feasible = (d: Doc): Candidate[] => d.candidates.filter((c: Candidate) => c.feasible);

function latency(d: Doc, c: Candidate): string {
  const part = estimate(d) ? [`p50 TTFT ${timeSpan(span(c.ttft_ms, 'p50'))}`, `p50 TPOT ${timeSpan(span(c.tpot_ms, 'p50'))}`]
    : c.slo.map((s) => `${s.at} ${metric(s.metric)} ${timeSpan(span(s, 'value_ms'))}`);
  return part.join(lang.value === 'zh' ? '，' : ', ');
}

function answer(d: Doc): string {
  const c: Candidate | null = d.best;
  if (lang.value === 'en' || !c) return lang.value === 'zh' && !d.answered ? `没有加速器能满足全部承诺。（${d.answer}）` : d.answer;
  return `租用 ${figure(c.billed_devices)} × ${c.accelerator}（${figure(c.replicas)} 个副本，${split(c)}），每小时 ${usd(c.usd_per_hour)}：${latency(d, c)}，` +
    `每百万输出 token ${usd(c.usd_per_mtok)}（${t(c.evidence)}${estimate(d) ? '；估算，未经仿真' : ''}）。`;
}

function question(d: Doc): string {
  const x = d.inputs as any, tr = d.traffic;
  const load = tr ? t('{name}: {n} requests at {rate}/s, on average {in} tokens in and {out} out', {name: tr.name, n: figure(tr.requests),
    rate: figure(tr.req_s), in: figure(tr.in_tok_mean), out: figure(tr.out_tok_mean)}) : '';
  return t('Which accelerators should serve {model}, how many, set up how, at what cost?', {model: String(x.model)}) + ' ' +
    t('Traffic: {load}.', {load}) + (d.slo.length ? ' ' + t('Promises: {slo}.', {slo: asked(d)}) : '');
}

function Best({d, c}: {d: Doc; c: Candidate}) {
  const slo = estimate(d) ? [{name: 'p50 TTFT', s: span(c.ttft_ms, 'p50')}, {name: 'p50 TPOT', s: span(c.tpot_ms, 'p50')}]
    : c.slo.map((s) => ({name: `${s.at} ${metric(s.metric)}`, s: span(s, 'value_ms'), limit: s.limit_ms}));
  return <Tiles tiles={[
    {name: t('the fleet'), value: usd(c.usd_per_hour) + '/h', more: `${figure(c.billed_devices)} × ${c.accelerator}`},
    {name: t('per million output tokens'), value: usd(c.usd_per_mtok), more: t('{x} with prompts counted', {x: usd(c.usd_per_mtok_total)})},
    ...slo.map((m: any) => ({name: m.name, value: time(m.s.at), more: `${range(m.s, time)}${m.limit ? ` ≤ ${time(m.limit)}` : ''}`})),
    ...(known(c.power_kw) ? [{name: t('power'), value: `${figure(c.power_kw)} kW`, more: t('at the mean load')}] : []),
    {name: t('evidence'), value: t(c.evidence), more: estimate(d) ? t('an estimate, not simulated')
      : c.robust ? t('holds at the bad end too') : c.replicas_robust ? t('to be safe: {n} replicas, {usd}/h', {n: c.replicas_robust, usd: usd(c.usd_per_hour_robust)}) : t('80 % interval in brackets')},
  ]} />;
}

function columns(d: Doc, pick?: (c: Candidate) => void): Column<Candidate>[] {
  const slo: Column<Candidate>[] = estimate(d)
    ? [{title: 'p50 TTFT', number: true, cell: (c) => timeSpan(span(c.ttft_ms, 'p50'))}, {title: 'p50 TPOT', number: true, cell: (c) => timeSpan(span(c.tpot_ms, 'p50'))}]
    : d.slo.map((s: Slo, i: number) => ({title: `${s.at} ${metric(s.metric)}`, number: true, cell: (c: Candidate) => timeSpan(span(c.slo[i], 'value_ms'))}));
  return [
    {title: t('rank'), number: true, cell: (c) => c.rank},
    {title: t('accelerator'), cell: (c) => pick ? <button class="plain" onClick={() => pick(c)}>{c.accelerator}</button> : c.accelerator},
    {title: t('replicas'), cell: (c) => `${config(c)}${c.priced && !c.price_as_asked ? ' +' : ''}${!estimate(d) && !c.verified_full ? ' ~' : ''}`},
    {title: t('cards'), number: true, cell: (c) => figure(c.devices)},
    ...slo,
    {title: '$/h', number: true, cell: (c) => known(c.usd_per_hour) ? usd(c.usd_per_hour).slice(1) : none},
    {title: t('$ per Mtok'), number: true, cell: (c) => known(c.usd_per_mtok) ? usd(c.usd_per_mtok).slice(1) : none},
    ...(estimate(d) ? [] : [{title: 'kW', number: true, cell: (c: Candidate) => figure(c.power_kw)},
      {title: t('holds'), cell: (c: Candidate) => c.robust ? t('yes') : t('no')}]),
    {title: t('evidence'), cell: (c) => t(c.evidence)},
  ];
}

function TradeOff({d, rows}: {d: Doc; rows: Candidate[]}) {
  const at = rows.filter((c) => c.priced && c.price_as_asked && known(c.e2e_ms.p50) && known(c.usd_per_hour));
  if (at.length < 2) return null;
  const data = at.map((c) => ({id: c.accelerator, usd: c.usd_per_hour, s: c.e2e_ms.p50 / 1e3, lo: c.e2e_ms.p50_lo / 1e3, hi: c.e2e_ms.p50_hi / 1e3,
    front: c.pareto, evidence: c.evidence}));
  const front = data.filter((c) => c.front).sort((a, b) => a.usd - b.usd);
  const xs = data.map((c) => c.usd), ys = data.map((c) => c.s);
  return <Chart title={t('Cost against latency')} of={d}
    caption={`${t('Each mark keeps the promises; the line joins those that nothing beats in both.')} ${evidenceWords()}`}
    label={t('Scatter of cost an hour against median end-to-end latency; on the front: {list}', {list: front.map((c) => `${c.id} ${usd(c.usd)} ${figure(c.s)} s`).join('; ')})}
    draw={(width, ink) => {
      const height = Math.min(400, Math.max(280, width * 0.6));
      const named = uncovered([...front, ...data.filter((c) => !c.front)].slice(0, 14), (c) => ({text: c.id, x: logPlace(c.usd, Math.min(...xs), Math.max(...xs), 48, width - 24),
        y: logPlace(c.s, Math.min(...ys), Math.max(...ys), height - 40, 24)}));
      return {
      height, marginLeft: 48, marginRight: 24, marginTop: 24, marginBottom: 40, symbol: evidenceSymbols,
      x: {type: 'log', label: t('$ an hour'), ticks: logTicks(data.map((c) => c.usd)), tickFormat: (v: number) => big(v), grid: true},
      y: {type: 'log', label: t('median end-to-end latency, s'), ticks: logTicks(data.flatMap((c) => [c.s])), tickFormat: (v: number) => figure(v), grid: true},
      marks: [
        Plot.line(front, {x: 'usd', y: 's', stroke: ink.c[1], strokeWidth: 2, curve: 'step-after'}),
        Plot.text(named, {x: 'usd', y: 's', text: 'id', dy: -11, textAnchor: 'start', dx: 2, fill: ink.ink, stroke: ink.paper, strokeWidth: 4}),
        Plot.dot(data, {x: 'usd', y: 's', symbol: 'evidence', r: 4.5, fill: (c) => c.front ? ink.c[1] : ink.c[0], stroke: ink.paper, strokeWidth: 1, tip: false,
          title: (c) => `${c.id}\n${usd(c.usd)}/h, ${figure(c.s)} s [${figure(c.lo)}–${figure(c.hi)}]`}),
      ],
    }; }} />;
}

/** How near the limits the first ones are, with their intervals. */
function Promises({d, rows}: {d: Doc; rows: Candidate[]}) {
  if (estimate(d) || !d.slo.length || !rows.length) return null;
  const first = rows.slice(0, 10).map((c) => c.accelerator);
  const data = rows.slice(0, 10).flatMap((c) => c.slo.map((s) => ({id: c.accelerator, of: promise(s), evidence: c.evidence,
    at: s.value_ms! / s.limit_ms, lo: s.value_ms_lo! / s.limit_ms, hi: s.value_ms_hi! / s.limit_ms}))).filter((p) => known(p.at));
  return <Chart title={t('How near the promises are')} of={d} wide
    caption={`${t('Predicted latency as a share of its limit, with the 80 % interval; right of the line the promise is broken.')} ${evidenceWords()}`}
    label={t('Latency over its limit for the first {n} accelerators: {list}', {n: first.length, list: data.map((p) => `${p.id} ${p.of} ${figure(p.at)}`).join('; ')})}
    draw={(width, ink) => {
      const stacked = width < 620, by = {[stacked ? 'fy' : 'fx']: 'of'}, of = d.slo.map(promise), most = Math.max(1, ...data.map((p) => p.hi).filter(known)), least = Math.min(1, ...data.map((p) => p.lo).filter(known));
      return {
        height: 40 + (36 + 24 * first.length) * (stacked ? d.slo.length : 1), marginLeft: 104, marginRight: 16, marginTop: 30, marginBottom: 38, symbol: evidenceSymbols,
        x: {type: 'log', label: t('× the limit'), ticks: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter((v) => v <= most && v >= least), tickFormat: (v: number) => String(v)},
        y: {domain: first, label: null}, [stacked ? 'fy' : 'fx']: {domain: of, label: null, axis: null, padding: 0.12},
        marks: [
          Plot.text(data.filter((p, i) => data.findIndex((q) => q.of === p.of) === i), {...by, frameAnchor: 'top-left', dy: -18, text: 'of', fontWeight: 600, fill: ink.ink}),
          Plot.ruleX([1], {stroke: ink.c[1], strokeWidth: 2}),
          Plot.ruleY(data, {...by, y: 'id', x1: 'lo', x2: 'hi', stroke: ink.soft, strokeWidth: 2}),
          Plot.dot(data, {...by, x: 'at', y: 'id', symbol: 'evidence', fill: ink.c[0], stroke: ink.paper, r: 4.5, title: (p) => `${p.id}: ${factor(p.at)} [${figure(p.lo, 2)}–${figure(p.hi, 2)}]`}),
        ],
      };
    }} />;
}

function Cost({d, rows}: {d: Doc; rows: Candidate[]}) {
  const data = rows.filter((c) => c.priced && c.price_as_asked).slice(0, 12).map((c) => ({id: c.accelerator, usd: c.usd_per_hour, safe: c.usd_per_hour_robust}));
  if (data.length < 2) return null;
  const safe = data.filter((c) => known(c.safe) && c.safe > c.usd);
  return <Chart title={t('What the fleet costs')} of={d}
    caption={t('Dollars an hour; the tick is what it takes to hold every promise at the bad end of the interval too.')}
    label={t('Bars of cost an hour: {list}', {list: data.map((c) => `${c.id} ${usd(c.usd)}`).join('; ')})}
    draw={(_width, ink) => ({
      height: 50 + 24 * data.length, marginLeft: 104, marginRight: 60, marginTop: 8, marginBottom: 38, x: {label: t('$ an hour'), grid: true, tickFormat: (v: number) => big(v)}, y: {domain: data.map((c) => c.id), label: null},
      marks: [
        Plot.barX(data, {x: 'usd', y: 'id', fill: ink.c[0], insetTop: 3, insetBottom: 3}),
        Plot.ruleY(safe, {y: 'id', x1: 'usd', x2: 'safe', stroke: ink.soft, strokeDasharray: '2 3'}),
        Plot.tickX(safe, {x: 'safe', y: 'id', stroke: ink.c[1], strokeWidth: 3, insetTop: 3, insetBottom: 3}),
        Plot.text(data, {x: 'usd', y: 'id', text: (c) => usd(c.usd), dx: 4, textAnchor: 'start', fill: ink.ink, stroke: ink.paper, strokeWidth: 4}),
      ],
    })} />;
}

const binds: Record<string, string> = {ttft: 'TTFT', tpot: 'TPOT', e2e: 'E2E', itl: 'ITL'};

function Losers({rows}: {rows: Candidate[]}) {
  if (!rows.length) return null;
  return <Card title={rows.length === 1 ? t('1 does not') : t('{n} do not', {n: rows.length})}>
    <Table caption={t('What fails, and by what factor')} first={8} rows={rows} columns={[
      {title: t('accelerator'), cell: (c) => c.accelerator},
      {title: t('fails on'), cell: (c) => binds[c.binding] ?? t(c.binding)},
      {title: t('by'), number: true, cell: (c) => known(c.short_by) && c.short_by > 1 ? factor(c.short_by) : none},
      {title: t('why'), wide: true, cell: (c) => c.reason},
    ]} />
  </Card>;
}

function Owned({d}: {d: Doc}) {
  if (!d.owned.length) return null;
  return <Card title={t('What is owned')}>
    <Table caption={t('Owned cards are used first')} rows={d.owned} columns={[
      {title: t('accelerator'), cell: (o: any) => `${o.candidate.devices} × ${o.candidate.accelerator}`},
      {title: t('share of the traffic'), number: true, cell: (o: any) => percent(o.share_frac)},
      {title: '$/h', number: true, cell: (o: any) => usd(o.candidate.usd_per_hour)},
    ]} />
  </Card>;
}

function marks(d: Doc, rows: Candidate[]): string {
  const out = [t('In brackets: 80 % interval.')];
  if (rows.some((c) => c.priced && !c.price_as_asked)) out.push(t('+ no such price is listed, or it is old: capital recovery of an owned card.'));
  if (!estimate(d) && rows.some((c) => !c.verified_full)) out.push(t('~ settled on a window of the traffic.'));
  if (!estimate(d)) out.push(t('holds: the promises hold at the bad end of the interval too.'));
  return out.join(' ');
}

function Body({doc: d, actions}: {doc: Doc; actions: {pick?: (c: Candidate) => void; picked?: string}}) {
  const rows = feasible(d), best: Candidate | null = d.best;
  return <>
    {best && <Best d={d} c={best} />}
    <Owned d={d} />
    {rows.length > 0 && <Card title={estimate(d) ? t('{n} accelerators may keep {slo}', {n: rows.length, slo: asked(d)}) : t('{n} accelerators keep {slo}', {n: rows.length, slo: asked(d)})}>
      <Table caption={marks(d, rows)} rows={rows} columns={columns(d, actions.pick)} row={(c, i) => [i === 0 ? 'best' : '', c.accelerator === actions.picked ? 'picked' : ''].join(' ')} />
    </Card>}
    <div class="cards">
      <TradeOff d={d} rows={rows} />
      <Cost d={d} rows={rows} />
      <Promises d={d} rows={rows} />
    </div>
    <Losers rows={d.candidates.filter((c: Candidate) => !c.feasible)} />
    {best && <Card title={t('What it rests on')}>
      <Pairs rows={[
        [t('runs'), `${best.framework} ${best.framework_version}, ${best.scheduler}, ${t('at most {s} sequences and {k} tokens a step', {s: figure(best.max_seqs), k: figure(best.max_tokens)})}, ${best.precision_run}`],
        [t('price'), best.price ? `${best.price.kind}: ${usd(best.price.usd_per_card_hour)}/h (${usd(best.price.usd_per_card_hour_lo)}–${usd(best.price.usd_per_card_hour_hi)}), ${best.price.source}${best.price.note ? `; ${best.price.note}` : ''}` : t('none is listed')],
        [t('memory'), t('{w} GB of weights, KV cache of {k} tokens a replica', {w: figure(best.memory.weights_gb), k: figure(best.memory.kv_tokens)})],
        [t('simulated'), t('{n} requests', {n: figure(d.simulated_requests)})],
        [t('API instead'), d.api ? `${usd(d.api.usd_per_hour)}/h; ${d.api.source}` : ''],
      ]} />
    </Card>}
  </>;
}

export const plan: View = {schema: 'moat.plan', title: (d) => t('Plan: {model}', {model: String((d.inputs as any).model)}), question, answer, answered: (d) => d.answered, Body};
