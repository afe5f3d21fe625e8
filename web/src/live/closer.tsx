// closer.tsx - one accelerator of a plan up close: its roofline and step at the plan's load, and its latency distributions.
import {useEffect, useState} from 'preact/hooks';
import type {Candidate, Doc} from '../document';
import {t} from '../parts/i18n';
import {Card} from '../parts/table';
import {PointBody} from '../views/predict';
import {SimBody} from '../views/sim';
import {ask} from './api';
import type {Asked, Tree} from './state';

/** The candidate's own deployment in the place of the plan's open choices. */
function deployment(asked: Asked, c: Candidate): Tree {
  const {accelerators: _a, have: _h, spares: _s, limits: _l, title: _t, ...rest} = asked.scenario;
  const split = Object.fromEntries(['tp', 'pp', 'dp', 'ep'].filter((k) => c[k] > 1 || k === 'tp').map((k) => [k, c[k]]));
  return {...rest, accelerator: String(asked.scenario.accelerators).split(',').find((a) => a.includes(`${c.accelerator}.yaml`)) ?? c.accelerator, ...split, precision: c.precision, kv_cache: c.kv_cache, framework: c.framework,
    scheduler: {policy: c.scheduler, max_seqs: c.max_seqs, max_tokens: c.max_tokens}};
}

export function Closer({plan, asked, accelerator}: {plan: Doc; asked: Asked; accelerator: string}) {
  const c: Candidate | undefined = plan.candidates.find((x: Candidate) => x.accelerator === accelerator && x.feasible);
  const [point, setPoint] = useState<Doc | null>(null), [sim, setSim] = useState<Doc | null>(null), [wrong, setWrong] = useState('');
  useEffect(() => {
    if (!c) return;
    const stop = new AbortController(), {traffic: _t, slo: _s, router: _r, prefix_cache: _p, ...rest} = deployment(asked, c);
    // Little's law: requests in a replica are its rate times how long they stay.
    const batch = Math.max(1, Math.round((plan.traffic?.req_s ?? 1) / c.replicas * c.e2e_ms.p50 / 1e3));
    (async () => {
      try {
        setPoint(await ask({command: 'predict', files: asked.files, scenario: {...rest, batch, isl: Math.max(1, Math.round(plan.traffic.in_tok_mean)), osl: Math.max(1, Math.round(plan.traffic.out_tok_mean))}}, 'closer-point', stop.signal));
        setSim(await ask({command: 'sim', files: asked.files, scenario: {...deployment(asked, c), replicas: c.replicas}}, 'closer-sim', stop.signal));
      } catch (e) {
        if (!stop.signal.aborted) setWrong(String((e as Error).message));
      }
    })();
    return () => stop.abort();
  }, [plan, accelerator]);
  if (!c) return null;
  return <section aria-label={t('{a} up close', {a: accelerator})}>
    <h2 style="margin-top:2rem;font-size:1.25rem">{t('{a} up close', {a: accelerator})}</h2>
    {wrong && <p class="wrong" role="alert">{wrong}</p>}
    {point && <PointBody doc={point} />}
    {sim ? <SimBody doc={sim} /> : !wrong && <Card title={t('Latency')}><p>{t('simulating…')}</p></Card>}
  </section>;
}
