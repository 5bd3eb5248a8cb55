import type { ProvisionReport } from '../../core/report.ts';
import type { CommitRecord, RunRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { describePrevious } from '../../operations/describe.ts';
import type { Closing } from '../../operations/outcome/closing.ts';
import type { Failure, FailureKind } from '../../operations/outcome/failure.ts';
import { describeLeftovers } from '../../operations/outcome/leftovers.ts';
import { closingText } from './closing-text.ts';
import { leftoversTable } from './deprovision-summary.ts';
import { failureSections, type Redact } from './failures.ts';
import { courseOf } from './gantt.ts';
import { capped } from './limit.ts';
import { code, plain, warningLines } from './markdown.ts';
import { resourcesTable } from './resources.ts';

/** A run that succeeded. */
export interface Success {
  readonly kind: 'succeeded';
  readonly report: ProvisionReport;
  readonly record: RunRecord;
  readonly links: Links;
  readonly closing: Closing;
}

/** A run that did not. */
export interface Unsuccess {
  readonly kind: FailureKind;
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
  return [`## ✅ ${plain(run.closing.headline)}`, '', ...successLines(run)];
}

/** What a summary says of a run that succeeded, below its title. */
export function successLines(run: Success): string[] {
  const { report, record, links, closing } = run;
  return [
    ...previousLine(record),
    ...warningLines(record.warnings),
    ...closingText(closing),
    '### Resources',
    '',
    ...resourcesTable(record, links),
    ...changesOf(record, report.configPath),
    ...courseOf(record, links),
  ];
}

const WAYS: Readonly<Record<Unsuccess['kind'], string>> = {
  failed: '',
  cancelled: ': the run was cancelled',
  'timed-out': ' in time',
  'not-synced': '',
};

/** What became of an instance, after its name. */
export function wordsOf({ kind, record }: Pick<Unsuccess, 'kind' | 'record'>): string {
  if (kind === 'not-synced') return 'is provisioned, but Argo CD has not synced it';
  return `was not ${doneWord(record)}${WAYS[kind]}`;
}

function titleOf(run: Unsuccess): string {
  const { instance, record } = run;
  if (instance === undefined) return isDeprovision(record) ? 'Deprovisioning failed' : 'Provisioning failed';
  return `Instance ${plain(instance)} ${wordsOf(run)}`;
}

/** What was done with the instance, or not. */
function doneWord({ operation }: RunRecord): string {
  return operation === 'configure' ? 'configured' : `${operation}ed`;
}

function isDeprovision({ operation }: RunRecord): boolean {
  return operation === 'deprovision';
}

function unsuccessful(run: Unsuccess): string[] {
  const { failures, record, redact } = run;
  return [
    `## ❌ ${titleOf(run)}`,
    '',
    ...failureSections(failures, redact),
    '### State and next run',
    '',
    ...leftoverLines(record),
    ...stateLines(run),
  ];
}

/** What there is of an instance whose run did not succeed, and what the next run does. */
export function leftoverLines(record: RunRecord): string[] {
  return [
    ...previousLine(record),
    ...warningLines(record.warnings),
    ...describeLeftovers(record, { resources: false }).map((line) => `- ${plain(line)}`),
    '',
  ];
}

/** The resources of an instance whose run did not succeed, and the course of the run. */
export function stateLines({ record, links }: Pick<Unsuccess, 'record' | 'links'>): string[] {
  const resources = isDeprovision(record) ? leftoversTable(record) : resourcesTable(record, links);
  return [
    ...(resources.length === 0 ? [] : ['### Resources', '', ...resources]),
    ...(isDeprovision(record) ? [] : changesOf(record, 'config.yml')),
    ...courseOf(record, links),
  ];
}

function previousLine({ previous }: RunRecord): string[] {
  return previous === undefined ? [] : [plain(describePrevious(previous)), ''];
}

/** The keys of config.yml that the run set, never their values; nothing where it did not come so far. */
function changesOf({ commit }: RunRecord, configPath: string): string[] {
  if (commit === undefined) return [];
  return ['### What changed in config.yml', '', changesText(commit, code(configPath)), ''];
}

function changesText({ pushed, keys }: CommitRecord, file: string): string {
  if (!pushed) return `Nothing: ${file} was complete.`;
  if (keys.length === 0) return `The commit adds ${file} and the instance's other files.`;
  return `In ${file} the run set ${keys.map(code).join(', ')}.`;
}
