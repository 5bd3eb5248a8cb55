import { describeEarlier } from '../../narration.ts';
import type { ProvisionReport } from '../../report.ts';
import type { CommitRecord, RunRecord } from '../../run-record.ts';
import { aftermathOf } from '../aftermath.ts';
import type { Failure } from '../failure.ts';
import type { Links } from '../links.ts';
import { courseOf } from './course.ts';
import { failureSections, type Redact } from './failures.ts';
import { capped } from './limit.ts';
import { code, plain } from './markdown.ts';
import { type NextStepsOptions, nextSteps } from './next-steps.ts';
import { remainsTable } from './removal-summary.ts';
import { resourcesTable } from './resources.ts';

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
  const { report, record, links } = run;
  const { instance, namespace, application } = report;
  return [
    `## ✅ Instance ${plain(instance)} is provisioned`,
    '',
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

const WAYS: Readonly<Record<Unsuccess['kind'], string>> = {
  failed: '',
  cancelled: ': the run was cancelled',
  'timed-out': ' in time',
  'not-synced': '',
};

function titleOf({ kind, instance, record }: Unsuccess): string {
  const isRemoval = record.operation === 'deprovision';
  if (instance === undefined) return isRemoval ? 'Taking down failed' : 'Provisioning failed';
  const name = `Instance ${plain(instance)}`;
  if (kind === 'not-synced') return `${name} is provisioned, but Argo CD has not synced it`;
  return `${name} was not ${isRemoval ? 'taken down' : 'provisioned'}${WAYS[kind]}`;
}

function unsuccessful(run: Unsuccess): string[] {
  const { failures, record, links, redact } = run;
  const isRemoval = record.operation === 'deprovision';
  const resources = isRemoval ? remainsTable(record) : resourcesTable(record, links);
  return [
    `## ❌ ${titleOf(run)}`,
    '',
    ...failureSections(failures, redact),
    `### What is ${isRemoval ? 'left' : 'there'}, and what the next run does`,
    '',
    ...earlierLine(record),
    ...aftermathOf(record, { resources: false }).map((line) => `- ${plain(line)}`),
    '',
    ...(resources.length === 0 ? [] : ['### Resources', '', ...resources]),
    ...(isRemoval ? [] : changesOf(record, 'config.yml')),
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
