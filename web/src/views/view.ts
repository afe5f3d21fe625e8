// view.ts - what a view is: how one kind of document is shown. A view is one file here and one row in index.ts.
import type {ComponentType} from 'preact';
import type {Doc} from '../document';

/** What the live page lets a reader do with a document; in a report there is nothing to do. */
export type Actions = {pick?: (row: any) => void; picked?: string};

export type View = {
  schema: string;                       // without its number: "moat.plan"
  title: (d: Doc) => string;            // where the scenario has none
  question: (d: Doc) => string;
  answer: (d: Doc) => string;           // one sentence
  answered: (d: Doc) => boolean;
  Body: ComponentType<{doc: Doc; actions: Actions}>;
};
