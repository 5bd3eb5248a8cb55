import { KINDS } from '../core/kinds.ts';
import type { DeprovisionReport, PlannedResource, PlanReport } from '../core/report.ts';
import type { PreviousRun } from '../core/run-record.ts';
import { deprovisionMessage } from '../instance/changes.ts';
import { applicationName, instancePaths } from '../instance/plan.ts';
import { type DeprovisionReading, isBucketKnown, shownBucket } from './deprovision-preflight.ts';
import { describePlaces, describePrevious, expectedResources } from './describe.ts';
import type { ProvisionRequest } from './request.ts';

/** What the log says of what is to be taken down: names and places, no secrets. */
export function describeDeprovision(reading: DeprovisionReading, previous: PreviousRun | undefined): string {
  const { plan, applications, namespace, files } = reading;
  const names = applications.map(({ metadata }) => metadata?.name);
  return [
    ...(previous === undefined ? [] : [describePrevious(previous)]),
    plan.files.config === undefined
      ? 'config.yml: none, so that the names are those that provisioning would make'
      : 'config.yml: read from the repository',
    `Application: ${names.length === 0 ? 'gone already' : names.join(', ')}`,
    `Namespace: ${namespace === 'absent' ? 'gone already' : namespace}`,
    ...describePlaces(plan, shownBucket(reading)),
    `Files: ${files.length === 0 ? 'gone already' : files.length}`,
  ].join('\n');
}

/** What the operator must look for himself; undefined where there is nothing. */
export function unknownBucket(reading: DeprovisionReading, instance: string): string | undefined {
  if (isBucketKnown(reading)) return undefined;
  return `Neither config.yml nor a stored seed tells the name of ${instance}'s bucket: one whose name begins with launchpad-${instance}- is not found by this run.`;
}

/** What a run says that finds nothing. */
export function describeNotFound(instance: string): string {
  return `Nothing of instance ${instance} is left: the cluster repository has no file of it, and the cluster neither its namespace nor its Application. Nothing was changed.`;
}

/** The report, without what the steps came to. */
export function deprovisionReport({
  instance,
  settings,
}: ProvisionRequest): Pick<DeprovisionReport, 'instance' | 'namespace' | 'application' | 'configPath'> {
  return {
    instance,
    namespace: instance,
    application: applicationName(instance, settings),
    configPath: instancePaths(settings, instance).config,
  };
}

/**
 * What a run would take down, in the order in which it does.
 *
 * @param reading undefined where nothing is left
 */
export function deprovisionPlan(request: ProvisionRequest, reading: DeprovisionReading | undefined): PlanReport {
  const { instance, isPreview } = request;
  const { namespace = 'absent', applications: present = [] } = reading ?? {};
  const files = isPreview ? [] : (reading?.files ?? []);
  const resources = [
    ...applications(request, present),
    ...(reading === undefined ? [] : workflowsAndWhatTheyRemove(reading)),
    planned('Namespace', instance, namespace === 'absent' ? 'absent' : 'delete'),
  ];
  const [commit = ''] = deprovisionMessage(instance, undefined).split('\n');
  return {
    operation: 'deprovision',
    ...deprovisionReport(request),
    bucket: reading === undefined ? '' : shownBucket(reading),
    changed: files.length > 0 || resources.some(({ state }) => state === 'delete'),
    resources,
    commit: files.length > 0 ? commit : '',
    files: files.map((path) => ({ path, state: 'delete', diff: '' })),
    laterKeys: [],
  };
}

function applications(request: ProvisionRequest, present: DeprovisionReading['applications']): PlannedResource[] {
  const names = present.map(({ metadata }) => metadata?.name ?? '');
  if (names.length === 0) return [planned('Application', deprovisionReport(request).application, 'absent')];
  return names.map((name) => planned('Application', name, 'delete'));
}

function workflowsAndWhatTheyRemove(reading: DeprovisionReading): PlannedResource[] {
  const bucket = shownBucket(reading);
  return [
    ...KINDS.map((kind) => planned('Workflow', kind, 'start')),
    ...expectedResources(reading.plan).map(({ kind, name }) =>
      planned(kind, kind === 'Bucket' ? bucket : name, 'remove'),
    ),
  ];
}

function planned(kind: string, name: string, state: PlannedResource['state']): PlannedResource {
  return { kind, name, state, fields: [] };
}

/** What the log says of it: a line for each resource and file. */
export function describeDeprovisionPlan({ resources, files, commit, changed }: PlanReport): string {
  const rows = [...resources, ...files.map(({ path, state }) => ({ kind: 'File', name: path, state }))];
  const width = Math.max(...rows.map(({ kind }) => kind.length));
  return [
    ...rows.map(({ kind, name, state }) => `${state.padEnd('absent'.length)}  ${kind.padEnd(width)}  ${name}`),
    commit === '' ? 'There is nothing to commit.' : `Commit "${commit}"`,
    changed
      ? 'A run would delete what is marked so, and remove the rest where it is there. Nothing was changed now.'
      : 'A run would change nothing that can be seen from here. Nothing was changed now.',
  ].join('\n');
}
