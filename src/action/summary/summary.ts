import { describeEarlier } from '../../narration.ts';
import type { ProvisionReport } from '../../report.ts';
import type { CommitRecord, RunRecord } from '../../run-record.ts';
import { aftermathOf } from '../aftermath.ts';
import type { Failure } from '../failure.ts';
import type { Links } from '../links.ts';
import { failureSections, type Redact } from './failures.ts';
import { ganttOf } from './gantt.ts';
import { capped } from './limit.ts';
import { code, plain } from './markdown.ts';
import { type NextStepsOptions, nextSteps } from './next-steps.ts';
import { resourcesTable, workflowsTable } from './resources.ts';

/** A run that succeeded. */
export interface Success extends NextStepsOptions {
  readonly kind: 'succeeded';
  readonly report: ProvisionReport;
  readonly record: RunRecord;
}

/** A run that did not. */
export interface Unsuccess {
  readonly kind: 'failed' | 'cancelled' | 'timed-out' | 'not-synced';
  /** Undefined where not even its name is known. */
  readonly instance: string | undefined;
  readonly failures: readonly Failure[];
  readonly record: RunRecord;
  /** Undefined where the run ended before they were known. */
  readonly links: Links | undefined;
  /** Hides secrets that an error may hold. */
  readonly redact: Redact;
}

/** The job summary, in GitHub's Markdown, short enough to be kept. */
export function summaryOf(run: Success | Unsuccess): string {
  return capped((run.kind === 'succeeded' ? succeeded(run) : unsuccessful(run)).join('\n'));
}

function succeeded(run: Success): string[] {
  return [`## ✅ Instance ${plain(run.report.instance)} is provisioned`, '', ...successLines(run)];
}

/** What a summary says of a run that succeeded, below its title. */
export function successLines(run: Success): string[] {
  const { report, record, links } = run;
  const { namespace, application } = report;
  return [
    `Application ${plain(application)} deploys it to namespace ${plain(namespace)}.`,
    '',
    ...earlierLine(record),
    ...nextSteps(report, run),
    '### Resources',
    '',
    ...resourcesTable(record, links),
    ...changesOf(record, report.configPath),
    ...courseOf(record),
  ];
}

/** What became of an instance, after its name. */
export const TITLES = {
  failed: 'was not provisioned',
  cancelled: 'was not provisioned: the run was cancelled',
  'timed-out': 'was not provisioned in time',
  'not-synced': 'is provisioned, but Argo CD has not synced it',
} as const;

function unsuccessful(run: Unsuccess): string[] {
  const { kind, instance, failures, record, redact } = run;
  const title = instance === undefined ? 'Provisioning failed' : `Instance ${plain(instance)} ${TITLES[kind]}`;
  return [
    `## ❌ ${title}`,
    '',
    ...failureSections(failures, redact),
    '### What is there, and what the next run does',
    '',
    ...aftermathLines(record),
    ...stateLines(run),
  ];
}

/** What an instance has that was not provisioned, and what the next run does. */
export function aftermathLines(record: RunRecord): string[] {
  return [...earlierLine(record), ...aftermathOf(record, { resources: false }).map((line) => `- ${plain(line)}`), ''];
}

/** The resources of an instance that was not provisioned, and the course of its run. */
export function stateLines({ record, links }: Pick<Unsuccess, 'record' | 'links'>): string[] {
  const resources = resourcesTable(record, links);
  return [
    ...(resources.length === 0 ? [] : ['### Resources', '', ...resources]),
    ...changesOf(record, 'config.yml'),
    ...courseOf(record),
  ];
}

function earlierLine({ earlier }: RunRecord): string[] {
  return earlier === undefined ? [] : [plain(describeEarlier(earlier)), ''];
}

/** The keys of config.yml that the run set, never their values; nothing where it did not come so far. */
function changesOf({ commit }: RunRecord, configPath: string): string[] {
  if (commit === undefined) return [];
  return ['### What changed in config.yml', '', changesText(commit, code(configPath)), ''];
}

function changesText({ pushed, keys }: CommitRecord, file: string): string {
  if (!pushed) return `Nothing: ${file} was complete already.`;
  if (keys.length === 0) return `No key of ${file}: the commit adds the instance's files.`;
  return `In ${file} the run set ${keys.map(code).join(', ')}.`;
}

function courseOf(record: RunRecord): string[] {
  const course = [...ganttOf(record, Date.now()), ...workflowsTable(record.workflows)];
  return course.length === 0 ? [] : ['### The run', '', ...course];
}
