import { INSTANCE_LABEL, KIND_LABEL, ROLE_LABEL, RUN_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { WorkflowInput } from './workflow-input.ts';

/** Seconds that Argo keeps a Workflow after its end: minutes when it succeeded, a day when somebody may want to look. */
const TTL_SECONDS = { afterSuccess: 600, afterFailure: 86_400 };

/** The Workflow: a reference to the instance's WorkflowTemplate and arguments, as `templateReferencing: Strict` asks. */
export function workflowObject(
  work: WorkflowInput,
  provisionerImage: string,
  deadlineSeconds: number,
  attempt = 1,
): KubeObject {
  const parameters = {
    ...work.parameters,
    'provisioner-image': provisionerImage,
    'deadline-seconds': String(deadlineSeconds),
    'secret-name': temporaryName(work),
    'configmap-name': temporaryName(work),
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: metadataOf(work, workflowName(work, attempt)),
    spec: {
      workflowTemplateRef: { name: `launchpad-provision-${work.kind}` },
      // The WorkflowTemplates provision unless they are told otherwise.
      ...(work.operation === 'provision' ? {} : { entrypoint: work.operation }),
      arguments: { parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) },
      activeDeadlineSeconds: deadlineSeconds,
      ttlStrategy: {
        secondsAfterSuccess: TTL_SECONDS.afterSuccess,
        secondsAfterFailure: TTL_SECONDS.afterFailure,
      },
    },
  };
}

/** The Secret with the admin's credentials and the instance's password for one pod. */
export function temporarySecret(work: WorkflowInput): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: temporaryMetadata(work),
    type: 'Opaque',
    stringData: work.secrets,
  };
}

/** The ConfigMap with the program of one pod. */
export function programConfigMap(work: WorkflowInput): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: temporaryMetadata(work),
    data: { [`${work.kind}.js`]: work.program },
  };
}

/**
 * Name of the Workflow. It is unlike any other's, as the run's identity is part of it, and it is known before the
 * request: a repeated POST whose first answer was lost meets the Workflow that it made instead of making a second.
 */
export function workflowName(work: Pick<WorkflowInput, 'kind' | 'run'>, attempt = 1): string {
  return `${work.kind}-${work.run}${attempt === 1 ? '' : `-${attempt}`}`;
}

/** Name of the temporary Secret and of the ConfigMap of one kind of work in one run. */
export function temporaryName(work: Pick<WorkflowInput, 'kind' | 'run'>): string {
  return `launchpad-provision-${work.kind}-${work.run}`;
}

function temporaryMetadata(work: WorkflowInput) {
  const metadata = metadataOf(work, temporaryName(work));
  return { ...metadata, labels: { ...metadata.labels, [ROLE_LABEL]: 'temporary' } };
}

function metadataOf(work: WorkflowInput, name: string) {
  return {
    name,
    namespace: work.instance,
    labels: { [INSTANCE_LABEL]: work.instance, [RUN_LABEL]: work.run, [KIND_LABEL]: work.kind },
  };
}
