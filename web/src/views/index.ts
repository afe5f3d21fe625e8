// index.ts - the table of views, by the schema of the document; a document without a row is shown as its keys and tables.
import type {Doc} from '../document';
import {bench} from './bench';
import {compare} from './compare';
import {explain} from './explain';
import {plain} from './plain';
import {plan} from './plan';
import {predict} from './predict';
import {sim} from './sim';
import {sweep} from './sweep';
import {train} from './train';
import {validate} from './validate';
import type {View} from './view';
import {work} from './work';

const views: View[] = [plan, sim, predict, work, train, sweep, compare, explain, validate, bench];

export function viewOf(d: Doc): View {
  const name = d.schema.replace(/\/.*/, '');
  if (name === 'moat.predict' && d.work) return work;
  return views.find((v) => v.schema === name) ?? plain;
}
