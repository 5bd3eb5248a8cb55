import type { DeprovisionReport, ProvisionReport } from '../core/report.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { Links } from '../inputs/links.ts';
import { describeResources } from '../operations/describe.ts';
import { failuresOf, failureText } from '../operations/outcome/failure.ts';
import { describeLeftovers } from '../operations/outcome/leftovers.ts';
import { EXIT_CODES, exitCodeFor } from './exit-codes.ts';
import { terminalRemedies } from './remedies.ts';
import { type TerminalLog, write } from './terminal-log.ts';

/** What the reports of all kinds can tell. */
export type Reported = Pick<
  ProvisionReport,
  'instance' | 'namespace' | 'application' | 'configPath' | 'bucket' | 'changed'
> &
  Partial<Pick<ProvisionReport, 'commitSha' | 'sync'> & Pick<DeprovisionReport, 'kept'>>;

const WORDS: Readonly<Record<string, string>> = {
  planned: 'planned, nothing was changed',
  deprovisioned: 'deprovisioned',
};

/** Shows on standard output what an instance has now, and what to do next. */
export function showReport(kind: string, report: Reported, links: Links, log: TerminalLog): void {
  const out = (text: string, style?: 'green' | 'bold') => write(process.stdout, log.shown(text), style);
  out(`✓ ${report.instance}: ${WORDS[kind] ?? kind}`, 'green');
  for (const [name, value] of rowsOf(report)) if (value !== '') out(`  ${name.padEnd('Application'.length)}  ${value}`);
  if (report.kept !== undefined) out(`Kept: ${describeResources(report.kept.resources)}. ${report.kept.restore}`);
  if (kind !== 'provisioned') return;
  out('Next steps:', 'bold');
  for (const [index, step] of nextSteps(report, links).entries()) out(`  ${index + 1}. ${step}`);
}

export interface FailureContext {
  /** Absent if the failure belongs to no instance. */
  readonly instance?: string;
  /** The run so far; absent if it had not begun. */
  readonly record?: RunRecord;
  readonly log: TerminalLog;
}

/** Shows on standard error what failed, why, and what to do; and what is there after all. */
export function showFailure(thrown: unknown, { instance, record, log }: FailureContext): void {
  if (thrown instanceof Error) log.debug(thrown.stack ?? '');
  const kind = exitCodeFor([thrown]) === EXIT_CODES.cancelled.code ? 'cancelled' : 'failed';
  for (const failure of failuresOf(thrown, terminalRemedies)) {
    if (instance !== undefined) log.error(`✗ ${instance}: ${failure.diagnosis?.title ?? kind}`, 'red');
    log.error(`${instance === undefined ? '✗ ' : ''}${failureText(failure)}`);
  }
  for (const line of record === undefined ? [] : describeLeftovers(record, { resources: true })) log.error(line);
}

function rowsOf({ namespace, application, bucket, commitSha = '', changed, configPath, sync }: Reported) {
  const commit = commitSha === '' ? '' : `${commitSha}${changed ? '' : ' (nothing changed)'}`;
  return [
    ['Namespace', namespace],
    ['Application', application],
    ['Bucket', bucket],
    ['Commit', commit],
    ['Config', configPath],
    ['Argo CD', sync === undefined ? '' : [sync.sync, sync.health].filter((word) => word !== '').join(', ')],
  ] as const;
}

/** The push was made as any other of the operator: workflows that listen to pushes start by it. */
function nextSteps({ changed, configPath, commitSha = '', application, sync }: Reported, links: Links): string[] {
  const isDeployed = sync?.sync === 'Synced' && sync.health === 'Healthy';
  const workflow = links.buildWorkflow === undefined ? '' : ` (${links.buildWorkflow})`;
  const env = configPath.replace(/[^/]+$/, 'env');
  return [
    ...(changed && !isDeployed
      ? [`Watch the build workflow${workflow}, which the push starts if it listens to pushes: it writes ${env}`]
      : []),
    `See what the cluster repository holds: ${links.commit(commitSha)}`,
    `${isDeployed ? 'Argo CD has deployed it' : 'Watch Argo CD deploy it'}: ${links.application(application) ?? links.applicationCommand(application)}`,
  ];
}
