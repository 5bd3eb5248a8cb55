import type { RemovalReport } from '../core/report.ts';
import type { EarlierRun } from '../core/run-record.ts';
import { applicationName, instancePaths } from '../instance/plan.ts';
import { isBucketKnown, type RemovalReading, shownBucket } from './deprovision-preflight.ts';
import { describeEarlier, describePlaces } from './describe.ts';
import type { ProvisionRequest } from './request.ts';

/** What the log says of what is to be taken down: names and places, no secrets. */
export function describeRemoval(reading: RemovalReading, earlier: EarlierRun | undefined): string {
  const { plan, applications, namespace, files } = reading;
  const names = applications.map(({ metadata }) => metadata?.name);
  return [
    ...(earlier === undefined ? [] : [describeEarlier(earlier)]),
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
export function unknownBucket(reading: RemovalReading, instance: string): string | undefined {
  if (isBucketKnown(reading)) return undefined;
  return `Neither config.yml nor a stored seed tells the name of ${instance}'s bucket: one whose name begins with launchpad-${instance}- is not found by this run.`;
}

/** What a run says that finds nothing. */
export function describeGone(instance: string): string {
  return `Nothing of instance ${instance} is left: the cluster repository has no file of it, and the cluster neither its namespace nor its Application. Nothing was changed.`;
}

/** The report, without what the steps came to. */
export function removalReport({
  instance,
  settings,
}: ProvisionRequest): Pick<RemovalReport, 'instance' | 'namespace' | 'application' | 'configPath'> {
  return {
    instance,
    namespace: instance,
    application: applicationName(instance, settings),
    configPath: instancePaths(settings, instance).config,
  };
}
