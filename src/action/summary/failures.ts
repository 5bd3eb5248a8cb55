import type { Failure } from '../failure.ts';
import { cut, plainLines, preformatted } from './markdown.ts';

/** What was found out about a failed workflow, besides its error: plain data, each part only where it is known. */
export interface Diagnosis {
  /** What the workflow, its node, its pod and its container say, by name, in the order in which to show it. */
  readonly facts?: Readonly<Record<string, string | number | undefined>>;
  /** Warnings of Kubernetes about the pod. */
  readonly events?: readonly string[];
  /** Last lines of the pod's log. */
  readonly log?: readonly string[];
}

/** A failure, and what was found out about it. */
export type DiagnosedFailure = Failure & { readonly diagnosis?: Diagnosis };

/** Characters of one part of a failure: an error may quote a whole log. */
const LONGEST_PART = 20_000;
/** What is beyond is in the log. */
const MOST_FAILURES = 10;

/**
 * What failed, why, and what to do: a table for each failure, and folded below it what was found out.
 *
 * @param redact hides secrets; it must see the text as it is, as Markdown spells some characters in another way
 */
export function failureSections(failures: readonly DiagnosedFailure[], redact: Redact): string[] {
  const shown = failures.slice(0, MOST_FAILURES).flatMap((failure) => failureSection(failure, redact));
  const more = failures.length - MOST_FAILURES;
  return more > 0 ? [...shown, `… and ${more} more: see the log.`, ''] : shown;
}

export type Redact = (text: string) => string;

function failureSection(failure: DiagnosedFailure, redact: Redact): string[] {
  const { message, remedy, causes, diagnosis = {} } = failure;
  const { facts = {}, events = [], log = [] } = diagnosis;
  const known = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '');
  const rows = [
    ...causes.map((cause): Row => ['Cause', causeText(cause)]),
    ...(remedy === undefined ? [] : [['**What to do**', remedy] satisfies Row]),
    ...known.map(([name, value]): Row => [plainLines(name), String(value)]),
    ...events.map((event): Row => ['Event', event]),
  ];
  return [
    `| What failed | ${cell(redact(message))} |`,
    '| :--- | :--- |',
    ...rows.map(([name, text]) => `| ${name} | ${cell(redact(text))} |`),
    '',
    ...folded('Log of the pod', redact(log.join('\n'))),
  ];
}

type Row = readonly [name: string, text: string];

function cell(text: string): string {
  return plainLines(cut(text, LONGEST_PART));
}

function causeText({ message, remedy, causes }: Failure): string {
  return [message, ...causes.map(causeText), ...(remedy === undefined ? [] : [remedy])].join('\n');
}

function folded(title: string, text: string): string[] {
  if (text === '') return [];
  return [`<details><summary>${title}</summary>`, '', preformatted(cut(text, LONGEST_PART)), '', '</details>', ''];
}
