import { INSTANCE_LABEL, KIND_LABEL, ROLE_LABEL, RUN_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import { type Trace, withTrace } from '../objects/trace.ts';
import { WORKFLOW_TYPE } from '../objects/workflow-objects.ts';
import type { Programs } from './programs.ts';
import type { WorkflowInput } from './workflow-input.ts';

const INSTANCE_ID_LABEL = 'workflows.argoproj.io/controller-instanceid';

/** Seconds that Argo keeps a finished Workflow: minutes after success, a day after a failure, so that people can look at it. */
const TTL_SECONDS = { afterSuccess: 600, afterFailure: 86_400 };

/** What the Workflows of a run have in common. */
export interface WorkflowOptions {
  readonly programs: Pick<Programs, 'configMap' | 'sha256'>;
  readonly provisionerImage: string;
  /** Argo ends a Workflow after this time. */
  readonly deadlineSeconds: number;
  /** A controller with an instance ID takes up only Workflows with its label (https://argo-workflows.readthedocs.io/en/stable/scaling/#instance-id). */
  readonly argoInstanceId: string | undefined;
  /** Annotations that name the run. */
  readonly trace?: Trace;
}

/** The Workflow: a reference to the instance's WorkflowTemplate and arguments, as `templateReferencing: Strict` requires. */
export function workflowObject(
  input: WorkflowInput,
  { programs, provisionerImage, deadlineSeconds, argoInstanceId, trace = {} }: WorkflowOptions,
  attempt = 1,
): KubeObject {
  const parameters = {
    ...input.parameters,
    'provisioner-image': provisionerImage,
    'deadline-seconds': String(deadlineSeconds),
    run: input.run,
    'secret-name': temporaryName(input),
    'configmap-name': programs.configMap,
    'program-sha256': programs.sha256[input.kind],
  };
  const metadata = metadataOf(input, workflowName(input, attempt));
  const instanceId = argoInstanceId === undefined ? {} : { [INSTANCE_ID_LABEL]: argoInstanceId };
  const object = {
    ...WORKFLOW_TYPE,
    metadata: { ...metadata, labels: { ...metadata.labels, ...instanceId } },
    spec: {
      workflowTemplateRef: { name: `launchpad-provision-${input.kind}` },
      // The WorkflowTemplates' default entrypoint is `provision`.
      ...(input.operation === 'provision' ? {} : { entrypoint: input.operation }),
      arguments: { parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) },
      activeDeadlineSeconds: deadlineSeconds,
      ttlStrategy: {
        secondsAfterSuccess: TTL_SECONDS.afterSuccess,
        secondsAfterFailure: TTL_SECONDS.afterFailure,
      },
    },
  };
  return withTrace(object, trace);
}

/** A Workflow that is stored. */
interface Owner {
  readonly name: string;
  readonly uid: string;
}

/**
 * The Secret with the admin's credentials and the instance's password for one pod. The pod needs `RUN`, which each has: it
 * does not start before its Secret is there.
 *
 * @param owner its Workflow, with which Kubernetes deletes it; a dry run has none
 */
export function temporarySecret(input: WorkflowInput, owner?: Owner): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...temporaryMetadata(input),
      ...(owner === undefined ? {} : { ownerReferences: [{ ...WORKFLOW_TYPE, ...owner }] }),
    },
    type: 'Opaque',
    stringData: { ...input.secrets, RUN: input.run },
  };
}

/**
 * Name of the Workflow, such as `mysql-provision-1234-1-4aa944`. It contains the run's identity, so it is unique, and it is known before the request: if the answer
 * to a POST is lost, the repeated POST finds the existing Workflow and does not create a second one.
 */
function workflowName({ kind, operation, run }: WorkflowInput, attempt = 1): string {
  return `${kind}-${operation}-${run}${attempt === 1 ? '' : `-${attempt}`}`;
}

/** Name of the temporary Secret of one kind in one run. */
export function temporaryName(input: Pick<WorkflowInput, 'kind' | 'run'>): string {
  return `launchpad-provision-${input.kind}-${input.run}`;
}

function temporaryMetadata(input: WorkflowInput) {
  const metadata = metadataOf(input, temporaryName(input));
  return { ...metadata, labels: { ...metadata.labels, [ROLE_LABEL]: 'temporary' } };
}

function metadataOf(input: WorkflowInput, name: string) {
  return {
    name,
    namespace: input.instance,
    labels: { [INSTANCE_LABEL]: input.instance, [RUN_LABEL]: input.run, [KIND_LABEL]: input.kind },
  };
}
