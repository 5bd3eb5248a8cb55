import { type Diagnosis, describeContainer } from '../../cluster/workflows/diagnosis.ts';
import type { Failure } from '../../operations/outcome/failure.ts';
import { cut, plainLines, preformatted } from './markdown.ts';

/** Characters of one part of a failure: an error may quote a whole log. */
const LONGEST_PART = 20_000;
/** What is beyond is in the log. */
const MOST_FAILURES = 10;

/**
 * What failed, why, and what to do: a table for each failure, and folded below it what was found out.
 *
 * @param redact hides secrets; it must see the text as it is, as Markdown spells some characters in another way
 */
export function failureSections(failures: readonly Failure[], redact: Redact): string[] {
  const shown = failures.slice(0, MOST_FAILURES).flatMap((failure) => failureSection(failure, redact));
  const more = failures.length - MOST_FAILURES;
  return more > 0 ? [...shown, `… and ${more} more: see the log.`, ''] : shown;
}

export type Redact = (text: string) => string;

function failureSection({ message, remedy, causes, diagnosis }: Failure, redact: Redact): string[] {
  const rows = [
    ...causes.map((cause): Row => ['Cause', causeText(cause)]),
    ...(remedy === undefined ? [] : [['**What to do**', remedy] satisfies Row]),
    ...(diagnosis === undefined ? [] : findings(diagnosis)),
  ];
  return [
    `| What failed | ${cell(redact(message))} |`,
    '| :--- | :--- |',
    ...rows.map(([name, text]) => `| ${name} | ${cell(redact(text))} |`),
    '',
    ...folded('Log of the pod', redact(diagnosis?.log.join('\n') ?? '')),
  ];
}

/** What the workflow, its node, its pod and Kubernetes say of it. */
function findings({ workflow, phase, message, node, exitCode, containers, warnings }: Diagnosis): Row[] {
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
  return [
    ['Workflow', `${workflow}: ${[phase, message].filter((part) => part !== '').join(', ')}`],
    ...(node === undefined ? [] : [['Failed node', `${node}${code}`] satisfies Row]),
    ...containers.map((container): Row => ['Container', describeContainer(container)]),
    ...warnings.map((warning): Row => ['Event', warning]),
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
