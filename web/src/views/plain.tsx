// plain.tsx - any document that has no view of its own: its figures as a list, its lists of objects as tables.
import type {Doc, Json} from '../document';
import {figure, none} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Pairs, Table} from '../parts/table';
import type {View} from './view';

const about = new Set(['schema', 'moat', 'command', 'seed', 'inputs', 'notes', 'run', 'evidence', 'answer']);
const isMap = (v: unknown): v is Record<string, Json> => typeof v === 'object' && v !== null && !Array.isArray(v);
const short = (v: Json): string => v === null ? none : typeof v === 'number' ? figure(v) : typeof v === 'object' ? JSON.stringify(v) : String(v);

function rows(of: Record<string, Json>, under = ''): [string, string][] {
  return Object.entries(of).flatMap(([k, v]): [string, string][] => isMap(v) ? rows(v, `${under}${k}.`) : Array.isArray(v) && v.some(isMap) ? [] : [[under + k, short(v)]]);
}

function Body({doc: d}: {doc: Doc}) {
  const own = Object.fromEntries(Object.entries(d).filter(([k]) => !about.has(k))) as Record<string, Json>;
  const lists = Object.entries(own).filter(([, v]) => Array.isArray(v) && v.some(isMap)) as [string, Record<string, Json>[]][];
  const figures = rows(own);
  return <>
    {figures.length > 0 && <Card title={t('Figures')}><Pairs rows={figures} /></Card>}
    {lists.map(([name, list]) => {
      const keys = [...new Set(list.flatMap((r) => Object.keys(r).filter((k) => typeof r[k] !== 'object')))].slice(0, 9);
      return <Card title={name}><Table caption={t('{n} rows', {n: list.length})} rows={list} columns={keys.map((k) => ({title: k, number: typeof list[0][k] === 'number', cell: (r: Record<string, Json>) => short(r[k] ?? null)}))} /></Card>;
    })}
  </>;
}

export const plain: View = {
  schema: '', title: (d) => `moat ${d.command}`, question: (d) => d.schema, answer: (d) => String(d.answer ?? t('See the figures below.')), answered: (d) => d.answered !== false, Body,
};
