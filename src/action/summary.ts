import * as core from '@actions/core';
import { messageOf } from '../errors.ts';
import type { ProvisionReport } from '../report.ts';
import { type Failure, failureText } from './failure.ts';
import type { ActionLog } from './log.ts';
import { type Lookup, runnerLookup, variableOf } from './lookup.ts';

/** How a run ended. */
export type SummaryInput =
  | { readonly kind: 'succeeded'; readonly report: ProvisionReport; readonly commitUrl: string }
  | { readonly kind: 'failed'; readonly instance: string | undefined; readonly failures: readonly Failure[] };

/** GitHub drops a summary of more than 1 MiB as a whole; the rest is room for what says that it was cut. */
const MOST_BYTES = 1_048_576 - 1_024;
/** Characters of one failure: an error may quote a whole log. */
const LONGEST_FAILURE = 20_000;

/** The job summary, in GitHub's Markdown, short enough to be kept. */
export function summaryOf(run: SummaryInput): string {
  return capped((run.kind === 'succeeded' ? succeeded(run) : failed(run)).join('\n'));
}

/** Adds a summary to the job's, where the runner has one. That it cannot be written does not fail the run. */
export async function writeSummary(markdown: string, log: ActionLog, lookup: Lookup = runnerLookup): Promise<void> {
  if (variableOf(lookup, 'GITHUB_STEP_SUMMARY') === undefined) return;
  try {
    await core.summary.addRaw(log.redact(markdown)).write();
  } catch (error) {
    log.warning(`The job summary was not written: ${messageOf(error)}`);
  }
}

function succeeded({ report, commitUrl }: SummaryInput & { kind: 'succeeded' }): string[] {
  const { instance, namespace, application, configPath, commitSha, changed, changedKeys, resources } = report;
  const commit = `[\`${commitSha.slice(0, 7)}\`](${commitUrl})`;
  const keys = changedKeys.map((key) => `\`${key}\``).join(', ');
  return [
    `## ✅ Instance ${plain(instance)} is provisioned`,
    '',
    `Application ${plain(application)} deploys it to namespace ${plain(namespace)}.`,
    '',
    changed
      ? `Commit ${commit} ${keys === '' ? 'adds its files' : `sets ${keys} in ${plain(configPath)}`}.`
      : `${plain(configPath)} was complete already, in commit ${commit}.`,
    '',
    ...table(
      ['Resource', 'Name', 'State'],
      resources.map(({ kind, name, state }) => [kind, name, state]),
    ),
    '',
    ...table(
      ['Workflow', 'Name', 'Phase', 'Seconds'],
      Object.entries(report.workflows).map(([kind, { name, phase, seconds }]) => [
        kind,
        name,
        phase,
        seconds.toFixed(1),
      ]),
    ),
    '',
  ];
}

function failed({ instance, failures }: SummaryInput & { kind: 'failed' }): string[] {
  const title = instance === undefined ? 'Provisioning failed' : `Instance ${plain(instance)} was not provisioned`;
  return [`## ❌ ${title}`, '', ...failures.flatMap((failure) => [preformatted(failureText(failure)), ''])];
}

/** A table in Markdown; nothing where it has no row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(plain)))];
}

/** Text that is no Markdown, HTML, mention or link, whatever it holds, on one line: fit for a table's cell. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[&<>|`*_[\]\\~@#!:]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function preformatted(text: string): string {
  const short = text.length <= LONGEST_FAILURE ? text : `${text.slice(0, LONGEST_FAILURE)}\n… (cut: see the log)`;
  return `<pre>\n${short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\n</pre>`;
}

/** As much of a summary as GitHub keeps. */
export function capped(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= MOST_BYTES) return markdown;
  const lastLine = bytes.lastIndexOf('\n', MOST_BYTES);
  return `${bytes.subarray(0, lastLine).toString()}\n\nThe summary was longer than GitHub keeps, and is cut here: see the log.\n`;
}
