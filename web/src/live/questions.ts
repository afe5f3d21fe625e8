// questions.ts - what can be asked live: a row each, with the fields of its form and a scenario to begin with.
import type {Tree} from './state';

export type Field = {
  key: string;                          // dotted key of the scenario
  label: string;
  kind: 'text' | 'number' | 'list' | 'choice' | 'slider' | 'model' | 'accelerator' | 'preset';
  choices?: string[];                   // '' is: leave it out
  slider?: {lo: number; hi: number; unit: string};      // logarithmic; the value is written with the unit
};
export type Group = {title: string; fields: Field[]};
export type Question = {command: string; name: string; groups: Group[]; first: Tree};

const model: Group = {title: 'Model', fields: [
  {key: 'model', label: 'model', kind: 'model'},
  {key: 'precision', label: 'number format', kind: 'choice', choices: ['', 'bf16', 'fp8', 'fp8_block', 'nvfp4', 'mxfp4', 'int8', 'int4', 'best']}]};
const traffic: Group = {title: 'Traffic', fields: [
  {key: 'traffic.preset', label: 'like', kind: 'preset'},
  {key: 'traffic.rate', label: 'requests a second', kind: 'slider', slider: {lo: 0.1, hi: 400, unit: '/s'}}]};
const slo: Group = {title: 'Promises', fields: [
  {key: 'slo.ttft.p99', label: 'p99 time to first token', kind: 'slider', slider: {lo: 100, hi: 20000, unit: 'ms'}},
  {key: 'slo.tpot.p99', label: 'p99 time per output token', kind: 'slider', slider: {lo: 5, hi: 300, unit: 'ms'}}]};
const prices: Group = {title: 'Prices', fields: [
  {key: 'prices', label: 'kind', kind: 'choice', choices: ['on-demand', 'reserved-1y', 'reserved-3y', 'spot', 'survey', 'owned']},
  {key: 'region', label: 'region', kind: 'choice', choices: ['', 'us', 'eu', 'asia']},
  {key: 'as_of', label: 'as of', kind: 'text'}]};
const deployment: Group = {title: 'Deployment', fields: [
  {key: 'accelerator', label: 'accelerator', kind: 'accelerator'},
  {key: 'tp', label: 'tensor parallel', kind: 'number'}, {key: 'pp', label: 'pipeline parallel', kind: 'number'},
  {key: 'replicas', label: 'replicas', kind: 'number'}]};

const chat: Tree = {title: 'Chat with Llama 3.1 70B', model: 'llama-3.1-70b', precision: 'fp8', traffic: {preset: 'azure-2023-conv', rate: '40/s'},
  slo: {ttft: {p99: '2s'}, tpot: {p99: '50ms'}}, accelerators: 'all', prices: 'on-demand'};
const one: Tree = {model: 'llama-3.1-70b', precision: 'fp8', accelerator: 'h100-sxm-80', tp: 4, replicas: 2, traffic: {preset: 'azure-2023-conv', rate: '10/s'},
  slo: {ttft: {p99: '2s'}, tpot: {p99: '50ms'}}, prices: 'on-demand'};

export const questions: Question[] = [
  {command: 'plan', name: 'Plan', first: chat, groups: [model, traffic, slo, {title: 'Accelerators', fields: [{key: 'accelerators', label: 'all, or some by name', kind: 'list'}]}, prices]},
  {command: 'sim', name: 'Simulate', first: one, groups: [model, deployment, traffic, slo, prices]},
  {command: 'predict', name: 'Predict', first: {model: 'llama-3.1-70b', precision: 'fp8', accelerator: 'h100-sxm-80', tp: 4, batch: 64, isl: 1000, osl: 200},
    groups: [model, {title: 'Deployment', fields: deployment.fields.slice(0, 3)}, {title: 'Operating point', fields: [
      {key: 'batch', label: 'requests in flight', kind: 'number'}, {key: 'isl', label: 'prompt tokens', kind: 'number'}, {key: 'osl', label: 'output tokens', kind: 'number'}]}, prices]},
  {command: 'train', name: 'Train', first: {model: 'llama-3.1-405b', accelerator: 'h100-sxm-80', devices: 16384, tokens: '15.6T', global_batch: 2048, sequence: 8192, precision: 'bf16'},
    groups: [model, {title: 'Campaign', fields: [{key: 'accelerator', label: 'accelerator', kind: 'accelerator'}, {key: 'devices', label: 'accelerators, all together', kind: 'number'},
      {key: 'tokens', label: 'tokens', kind: 'text'}, {key: 'global_batch', label: 'sequences a step', kind: 'number'}, {key: 'sequence', label: 'tokens a sequence', kind: 'number'}]}, prices]},
  {command: 'sweep', name: 'Sweep', first: {...one, traffic: {preset: 'azure-2023-conv', rate: '10/s', limit: 3000}, sweep: {accelerator: ['h100-sxm-80', 'h200-sxm-141'], replicas: [1, 2, 3, 4]}},
    groups: [model, deployment, traffic, slo, prices]},
  {command: 'explain', name: 'Explain', first: chat, groups: [model, traffic, slo, prices]},
  {command: 'compare', name: 'Compare', first: chat, groups: [model, traffic, slo, prices]},
  {command: 'validate', name: 'Validate', first: {}, groups: []},
];

export const questionOf = (command: string): Question => questions.find((q) => q.command === command) ?? questions[0];
