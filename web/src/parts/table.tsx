// table.tsx - rows of a document as a table, at first those that matter; each column says how a cell is printed.
import type {ComponentChildren, JSX} from 'preact';
import {useState} from 'preact/hooks';
import {t} from './i18n';

export type Column<T> = {title: string; cell: (row: T) => ComponentChildren; number?: boolean; wide?: boolean};

type Props<T> = {caption: string; columns: Column<T>[]; rows: T[]; first?: number; row?: (row: T, i: number) => string; };

export function Table<T>({caption, columns, rows, first = 12, row}: Props<T>): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, first);
  return <>
    <p class="cap" aria-hidden="true">{caption}</p>
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <thead><tr>{columns.map((c) => <th scope="col" class={c.number ? 'n' : ''}>{c.title}</th>)}</tr></thead>
        <tbody>{shown.map((r, i) => <tr class={row?.(r, i)}>{columns.map((c, k) => k === 0
          ? <td class={c.wide ? 'wide' : ''}>{c.cell(r)}</td>
          : <td class={c.number ? 'n' : c.wide ? 'wide' : ''}>{c.cell(r)}</td>)}</tr>)}</tbody>
      </table>
    </div>
    {rows.length > first && <p class="screen"><button class="plain" onClick={() => setAll(!all)} aria-expanded={all}>
      {all ? t('show fewer') : t('show all {n}', {n: rows.length})}</button></p>}
  </>;
}

export type Tile = {name: string; value: ComponentChildren; more?: ComponentChildren};

/** The few figures that matter. */
export function Tiles({tiles}: {tiles: Tile[]}) {
  return <dl class="tiles">{tiles.map((k) => <div><dt>{k.name}</dt><dd>{k.value}{k.more ? <small>{k.more}</small> : null}</dd></div>)}</dl>;
}

export function Pairs({rows}: {rows: [string, ComponentChildren][]}) {
  return <dl class="kv">{rows.filter(([, v]) => v !== null && v !== undefined && v !== '').map(([k, v]) => <><dt>{k}</dt><dd>{v}</dd></>)}</dl>;
}

export function Card({title, children}: {title: string; children: ComponentChildren}) {
  return <section class="card"><h2>{title}</h2>{children}</section>;
}
