import { ARGOCD_NAMESPACE } from './names.ts';
import type { PodResources } from './pod-resources.ts';

/** What this cluster wants of the objects that a run creates in it. */
export interface ClusterConventions {
  /** Namespace of Argo CD, its Applications and our Leases: the same for all runs on the cluster. */
  readonly argocdNamespace: string;
  /** Labels that policies want on a namespace. */
  readonly namespaceLabels: Labels;
  /** Labels and annotations that policies want on the pods of the workflows. */
  readonly podLabels: Labels;
  readonly podAnnotations: Labels;
  /** Requests and limits of all containers of these pods; undefined: those of manifests/. */
  readonly podResources: PodResources | undefined;
  /** What the configuration of the Argo Workflows controller says of its pods; absent: not known. */
  readonly argo?: ArgoFacts;
  /** The instance ID of the Argo Workflows controller; undefined for one without. */
  readonly argoInstanceId: string | undefined;
  /** Address of the user interface of Argo Workflows, without a slash at the end. */
  readonly argoWorkflowsUrl: string | undefined;
}

export interface ArgoFacts {
  /** Whether it has `executor.resources`: for the containers that Argo adds to pods. */
  readonly hasExecutorResources: boolean;
  /** Whether these are one container, `supervisor`, in place of `init` and `wait` (`initlessPod`, from 4.1 on). */
  readonly isInitless: boolean;
}

type Labels = Readonly<Record<string, string>>;

export const NO_CONVENTIONS: ClusterConventions = {
  argocdNamespace: ARGOCD_NAMESPACE,
  namespaceLabels: {},
  podLabels: {},
  podAnnotations: {},
  podResources: undefined,
  argoInstanceId: undefined,
  argoWorkflowsUrl: undefined,
};

/** Page of a Workflow (https://argo-workflows.readthedocs.io/en/stable/argo-server/). */
export function workflowPage(url: string | undefined, namespace: string, name: string): string | undefined {
  return url === undefined ? undefined : `${url}/workflows/${namespace}/${name}`;
}
