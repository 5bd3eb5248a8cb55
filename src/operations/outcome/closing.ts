/** The last words about an instance: the same in the log, at a terminal, in the job summary and in the comment. */

import { type DeprovisionReport, isDeployed, type PlanReport, type ProvisionReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';
import { describeResources } from '../describe.ts';
import { countsOfPlan } from '../describe-plan.ts';
import type { Outcome } from './outcome.ts';

/** A sentence, part by part: text, code, or a page with its address, if it has one. */
export type Sentence = readonly (
  | string
  | { readonly code: string }
  | { readonly page: string; readonly url?: string | undefined }
)[];

export interface Closing {
  /** Whether it is all as it should be, or the operator must look at something. */
  readonly kind: 'good' | 'attention';
  /** What was done, without a full stop. */
  readonly headline: string;
  /** What the instance has. */
  readonly rows: readonly Row[];
  /** What the operator does next, the first thing first. */
  readonly steps: readonly Sentence[];
}

interface Row {
  readonly name: string;
  readonly value: string;
  readonly url?: string | undefined;
}

/** Addresses of pages. */
export interface Pages {
  readonly commit: (sha: string) => string;
  readonly application: (name: string) => string | undefined;
  /** The command that shows it. */
  readonly applicationCommand: (name: string) => string;
  readonly buildWorkflow: string | undefined;
}

export interface ClosingOptions {
  readonly pages: Pages;
  /** Whether the push starts workflows: one with the job's own token does not. */
  readonly startsWorkflows: boolean;
  /** Whether pull requests' instances are in an AppProject for previews. */
  readonly isFenced: boolean;
}

/** What was done with an instance. */
export interface State {
  /** In one word or two, for tables and counts. */
  readonly short: string;
  /** The same with what the operator should know, such as `deprovisioned with all its data`. */
  readonly words: string;
  /** Whether the operator must look at something. */
  readonly needsAttention?: true;
}

/** What was done with an instance whose task did not fail. */
export function stateOf(outcome: Exclude<Outcome, { kind: 'failed' }>): State {
  switch (outcome.kind) {
    case 'provisioned':
      return provisionedState(outcome.report, outcome.record);
    case 'deprovisioned':
      return deprovisionedState(outcome.report);
    case 'planned':
      return { short: 'planned', words: countsOfPlan(outcome.report) };
  }
}

function provisionedState(report: ProvisionReport, record: RunRecord): State {
  const done = record.operation === 'configure' ? 'configured' : 'provisioned';
  if (isUnchanged(report, record)) return { short: UNCHANGED, words: 'no changes' };
  return { short: done, words: done };
}

const UNCHANGED = 'unchanged';

function deprovisionedState({ changed, unknownBucket, kept }: DeprovisionReport): State {
  const short = 'deprovisioned';
  if (unknownBucket !== undefined)
    return { short, words: 'deprovisioned, bucket not removed: check by hand', needsAttention: true };
  if (!changed) return { short: 'not found', words: 'not found, nothing to delete' };
  return { short, words: kept === undefined ? 'deprovisioned with all its data' : 'deprovisioned, data kept' };
}

/** The headline of several instances: how many there are of each. */
export function headlineOfSeveral(shorts: readonly string[]): string {
  if (shorts.length > 0 && shorts.every((short) => short === UNCHANGED))
    return `No changes: ${shorts.length} instances are up to date`;
  const counts = [...Map.groupBy(shorts, (short) => short)].map(([short, members]) => `${members.length} ${short}`);
  return `${shorts.length} instances: ${counts.join(', ')}`;
}

/** The last words about an instance whose task did not fail. */
export function closingOf(outcome: Exclude<Outcome, { kind: 'failed' }>, options: ClosingOptions): Closing {
  switch (outcome.kind) {
    case 'provisioned':
      return provisioned(outcome.report, outcome.record, {
        ...options,
        isFenced: options.isFenced || !outcome.task.isPreview,
      });
    case 'deprovisioned':
      return deprovisioned(outcome.report, options.pages);
    case 'planned':
      return planned(outcome.report);
  }
}

/** The last words about an instance that was provisioned. */
export function provisioned(report: ProvisionReport, record: RunRecord, options: ClosingOptions): Closing {
  const { instance, namespace, application, bucket, commitSha, configPath, lmsUrl, cmsUrl, sync } = report;
  const { pages } = options;
  const { short, words } = provisionedState(report, record);
  const headline =
    short === UNCHANGED ? `No changes: instance ${instance} is up to date` : `Instance ${instance}: ${words}`;
  const state = sync === undefined ? '' : [sync.sync, sync.health].filter((word) => word !== '').join(', ');
  const rows = [
    { name: 'LMS', value: lmsUrl },
    { name: 'CMS', value: cmsUrl },
    { name: 'Commit', value: commitSha.slice(0, 7), url: pages.commit(commitSha) },
    { name: 'Application', value: application, url: pages.application(application) },
    { name: 'Argo CD', value: state },
    { name: 'Namespace', value: namespace },
    { name: 'Bucket', value: bucket },
    { name: 'Config', value: configPath },
  ];
  return {
    kind: 'good',
    headline,
    rows: rows.filter(({ value }) => value !== ''),
    steps: nextSteps(report, options, short === UNCHANGED),
  };
}

/** Nothing was pushed, and what the workflows and the cluster report was there before. */
function isUnchanged({ changed }: ProvisionReport, { resources, expected }: RunRecord): boolean {
  const known = new Set(resources.map(({ kind }) => kind));
  const isReported = ['MySQL database', 'MongoDB user', 'Bucket'].every((kind) => known.has(kind));
  const isSame = resources.every(({ state }) => state === 'unchanged' || state === 'present');
  return !changed && isSame && (isReported || expected.length === 0);
}

function nextSteps(
  report: ProvisionReport,
  { pages, startsWorkflows, isFenced }: ClosingOptions,
  isSame: boolean,
): Sentence[] {
  const { changed, application } = report;
  const url = pages.application(application);
  const where = url === undefined ? { code: pages.applicationCommand(application) } : { page: application, url };
  const watch = isSame ? 'See its state in Argo CD: ' : 'Watch Argo CD deploy it: ';
  const deployment = isDeployed(report) ? 'Argo CD has deployed it (Synced, Healthy): ' : watch;
  return [
    ...(changed && !isDeployed(report) ? [buildStep(report, pages.buildWorkflow, startsWorkflows)] : []),
    [deployment, where],
    ...(isFenced ? [] : [FENCE]),
  ];
}

/**
 * GitHub starts no workflow for what is pushed with the job's token
 * (https://docs.github.com/en/actions/security-for-github-actions/security-guides/automatic-token-authentication).
 */
function buildStep({ configPath }: ProvisionReport, url: string | undefined, startsWorkflows: boolean): Sentence {
  const build = { page: 'the build workflow', url };
  const env = { code: configPath.replace(/[^/]+$/, 'env') };
  if (startsWorkflows) return ['Wait for ', build, ' (triggered by the push, if configured) to generate ', env, '.'];
  return [
    'Start ',
    build,
    ' (it generates ',
    env,
    "). GitHub did not start it, because the commit was pushed with the job's GITHUB_TOKEN; set ",
    { code: 'github-token' },
    ' to automate this.',
  ];
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/projects/ */
const FENCE: Sentence = [
  'Set ',
  { code: 'preview-project' },
  ' to an AppProject for previews: it limits what the files of a pull request can deploy.',
];

/** The last words about an instance that was deleted, or that never existed. */
export function deprovisioned(report: DeprovisionReport, pages: Pages): Closing {
  const { instance, changed, commitSha, bucket, unknownBucket, kept } = report;
  const headline = `Instance ${instance}: ${deprovisionedState(report).words}`;
  const commit =
    commitSha === '' ? [] : [{ name: 'Commit', value: commitSha.slice(0, 7), url: pages.commit(commitSha) }];
  if (unknownBucket !== undefined) {
    const rows = [{ name: 'Bucket', value: `${unknownBucket} (name not known)` }, ...commit];
    return { kind: 'attention', headline, rows, steps: [bucketStep(unknownBucket)] };
  }
  if (!changed) return { kind: 'good', headline, rows: [], steps: [] };
  if (kept !== undefined) {
    const rows = [{ name: 'Kept', value: describeResources(kept.resources) }, ...commit];
    return { kind: 'good', headline, rows, steps: [[kept.restore]] };
  }
  const rows = [...(bucket === '' ? [] : [{ name: 'Deleted bucket', value: bucket }]), ...commit];
  return { kind: 'good', headline, rows, steps: [] };
}

function bucketStep(pattern: string): Sentence {
  return ['Look for a bucket ', { code: pattern }, ' at the storage service, and delete it if it is no longer needed.'];
}

function planned(report: PlanReport): Closing {
  return { kind: 'good', headline: `Instance ${report.instance}: ${countsOfPlan(report)}`, rows: [], steps: [] };
}

/** As lines of a log, without the headline. */
export function closingLines({ rows, steps }: Closing): string[] {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    ...rows.map(({ name, value, url }) => `  ${name.padEnd(width)}  ${value}${url === undefined ? '' : `  ${url}`}`),
    ...(steps.length === 0 ? [] : ['Next steps:']),
    ...steps.map((step, index) => `  ${index + 1}. ${sentenceText(step)}`),
  ];
}

function sentenceText(sentence: Sentence): string {
  return sentence
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('code' in part) return part.code;
      return part.url === undefined ? part.page : `${part.page} (${part.url})`;
    })
    .join('');
}
