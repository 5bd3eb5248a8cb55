/** The reports of runs and dry runs: plain data. */

import { workflowPage } from '../cluster/objects/conventions.ts';
import type { FinishedWorkflow } from '../cluster/workflows/success.ts';
import { KINDS, type Kind } from '../core/kinds.ts';
import type {
  Kept,
  PlannedFile,
  PlannedResource,
  PlanReport,
  ProvisionReport,
  WorkflowReport,
} from '../core/report.ts';
import type { ExpectedResource } from '../core/run-record.ts';
import { commitMessage, deprovisionMessage } from '../instance/changes.ts';
import type { ConfigFile } from '../instance/config/config-file.ts';
import { applicationName, instancePaths, type Plan } from '../instance/plan.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import { type DeprovisionReading, shownBucket } from './deprovision-reading.ts';
import type { ProvisionRequest } from './request.ts';

/** The names in every report. */
export function reportNames({
  instance,
  settings,
}: ProvisionRequest): Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath'> {
  return {
    instance,
    namespace: instance,
    application: applicationName(instance, settings),
    configPath: instancePaths(settings, instance).config,
  };
}

/** The databases, users and bucket of the instance, each with the workflow that creates or deletes it. */
export function expectedResources({ instance: { mysql, mongodb, storage } }: Plan): ExpectedResource[] {
  return [
    { kind: 'MySQL database', name: mysql.database, by: 'mysql' },
    { kind: 'MySQL user', name: mysql.username, by: 'mysql' },
    { kind: 'MongoDB database', name: mongodb.database, by: 'mongodb' },
    { kind: 'MongoDB database', name: mongodb.forumDatabase, by: 'mongodb' },
    { kind: 'MongoDB user', name: mongodb.username, by: 'mongodb' },
    { kind: 'Bucket', name: storage.name, by: 'storage' },
  ];
}

/** What of it a run that deprovisions leaves. */
export function keptResources({ keeps }: ProvisionRequest, reading: DeprovisionReading): Kept['resources'] {
  return expectedResources(reading.plan)
    .filter(({ by }) => keeps.includes(by))
    .map(({ kind, name }) => ({ kind, name: kind === 'Bucket' ? shownBucket(reading) : name }));
}

/** The workflows that succeeded. */
export function workflowReports(
  { instance, conventions }: Pick<ProvisionRequest, 'instance' | 'conventions'>,
  finished: readonly FinishedWorkflow[],
): Partial<Record<Kind, WorkflowReport>> {
  return Object.fromEntries(
    finished.map(({ kind, name, phase, seconds }) => {
      const url = workflowPage(conventions.argoWorkflowsUrl, instance, name);
      return [kind, { name, phase, seconds, ...(url === undefined ? {} : { url }) }];
    }),
  );
}

const NO_WORKFLOW: WorkflowReport = { name: '', phase: '', seconds: 0 };

/** The report of a run that provisioned an instance, without the wait for Argo CD. */
export function provisionReport(
  request: ProvisionRequest,
  { instance, whole }: Plan,
  { finished, push }: { readonly finished: readonly FinishedWorkflow[]; readonly push: PushResult },
): Omit<ProvisionReport, 'sync'> {
  return {
    ...reportNames(request),
    commitSha: push.commit,
    bucket: instance.storage.name,
    ...siteUrls(whole),
    changed: push.kind === 'pushed',
    workflows: {
      mysql: NO_WORKFLOW,
      mongodb: NO_WORKFLOW,
      storage: NO_WORKFLOW,
      ...workflowReports(request, finished),
    },
  };
}

/** What a dry run of provisioning found out. */
interface PlanFindings {
  /** Objects of the cluster. */
  readonly resources: readonly PlannedResource[];
  readonly files: readonly PlannedFile[];
  readonly laterKeys: readonly string[];
  /** The bucket's name, as far as it is known. */
  readonly bucket: string;
}

/** The report of a dry run of provisioning. */
export function provisionPlan(
  request: ProvisionRequest,
  plan: Plan,
  { resources, files, laterKeys, bucket }: PlanFindings,
): PlanReport {
  const changes = [...resources, ...files].filter(({ state }) => state === 'create' || state === 'change');
  return {
    operation: request.operation,
    ...reportNames(request),
    bucket,
    changed: changes.length > 0 || laterKeys.length > 0,
    resources: [...resources, ...byWorkflows(plan, bucket, 'ensure')],
    commit: subjectOf(commitMessage(plan, undefined)),
    files,
    laterKeys,
    warnings: plan.warnings,
  };
}

/**
 * The report of a dry run of deprovisioning: what a run would delete, in its order.
 *
 * @param reading undefined if nothing of the instance exists
 */
export function deprovisionPlan(request: ProvisionRequest, reading: DeprovisionReading | undefined): PlanReport {
  const { instance, isPreview, keeps } = request;
  const names = reportNames(request);
  const bucket = reading === undefined ? '' : shownBucket(reading);
  const files = isPreview ? [] : (reading?.files ?? []);
  const applications = (reading?.applications ?? []).map(({ metadata }) => metadata?.name ?? '');
  const resources = [
    ...applications.map((name) => planned('Application', name, 'delete')),
    ...(applications.length === 0 ? [planned('Application', names.application, 'absent')] : []),
    ...(reading === undefined
      ? []
      : [
          ...KINDS.filter((kind) => !keeps.includes(kind)).map((kind) => planned('Workflow', kind, 'start')),
          ...byWorkflows(reading.plan, bucket, 'remove', keeps),
        ]),
    planned('Namespace', instance, (reading?.namespace ?? 'absent') === 'absent' ? 'absent' : 'delete'),
  ];
  return {
    operation: 'deprovision',
    ...names,
    bucket,
    changed: files.length > 0 || resources.some(({ state }) => state === 'delete'),
    resources,
    commit: files.length > 0 ? subjectOf(deprovisionMessage(instance, undefined)) : '',
    files: files.map((path) => ({ path, state: 'delete', diff: '' })),
    laterKeys: [],
    warnings: [],
  };
}

/** What only the workflows can see, from inside the cluster. */
function byWorkflows(
  plan: Plan,
  bucket: string,
  state: 'ensure' | 'remove',
  keeps: readonly Kind[] = [],
): PlannedResource[] {
  return expectedResources(plan).map(({ kind, name, by }) =>
    planned(kind, kind === 'Bucket' ? bucket : name, keeps.includes(by) ? 'keep' : state),
  );
}

function planned(kind: string, name: string, state: PlannedResource['state']): PlannedResource {
  return { kind, name, state, fields: [] };
}

function subjectOf(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** Addresses of the instance's pages; empty where config.yml does not name the host. */
interface SiteUrls {
  readonly lmsUrl: string;
  readonly cmsUrl: string;
}

/** The addresses of LMS and CMS. Https unless ENABLE_HTTPS is false. */
function siteUrls(config: ConfigFile): SiteUrls {
  const scheme = config.looseFlag('ENABLE_HTTPS') === false ? 'http' : 'https';
  const urlOf = (key: string) => {
    const host = config.text(key);
    return host === undefined ? '' : `${scheme}://${host.toLowerCase()}`;
  };
  return { lmsUrl: urlOf('LMS_HOST'), cmsUrl: urlOf('CMS_HOST') };
}
