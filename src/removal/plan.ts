import { KINDS } from '../cluster/objects/names.ts';
import type { PlannedResource, PlanReport } from '../core/report.ts';
import { removalMessage } from '../instance/changes.ts';
import { type RemovalReading, shownBucket } from '../operations/deprovision-preflight.ts';
import { expectedResources } from '../operations/describe.ts';
import { removalReport } from '../operations/describe-deprovision.ts';
import type { ProvisionRequest } from '../operations/request.ts';

/**
 * What a run would take down, in the order in which it does.
 *
 * @param reading undefined where nothing is left
 */
export function removalPlan(request: ProvisionRequest, reading: RemovalReading | undefined): PlanReport {
  const { instance, isSandbox } = request;
  const { namespace = 'absent', applications: present = [] } = reading ?? {};
  const files = isSandbox ? [] : (reading?.files ?? []);
  const resources = [
    ...applications(request, present),
    ...(reading === undefined ? [] : workflowsAndWhatTheyRemove(reading)),
    planned('Namespace', instance, namespace === 'absent' ? 'absent' : 'delete'),
  ];
  const [commit = ''] = removalMessage(instance, undefined).split('\n');
  return {
    operation: 'deprovision',
    ...removalReport(request),
    bucket: reading === undefined ? '' : shownBucket(reading),
    changed: files.length > 0 || resources.some(({ state }) => state === 'delete'),
    resources,
    commit: files.length > 0 ? commit : '',
    files: files.map((path) => ({ path, state: 'delete', diff: '' })),
    laterKeys: [],
  };
}

function applications(request: ProvisionRequest, present: RemovalReading['applications']): PlannedResource[] {
  const names = present.map(({ metadata }) => metadata?.name ?? '');
  if (names.length === 0) return [planned('Application', removalReport(request).application, 'absent')];
  return names.map((name) => planned('Application', name, 'delete'));
}

function workflowsAndWhatTheyRemove(reading: RemovalReading): PlannedResource[] {
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
export function describeRemovalPlan({ resources, files, commit, changed }: PlanReport): string {
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
