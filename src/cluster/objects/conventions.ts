import { ARGOCD_NAMESPACE } from './names.ts';

/** What this cluster wants of the objects that a run creates in it. */
export interface ClusterConventions {
  /** Namespace of Argo CD, its Applications and our Leases: the same for all runs on the cluster. */
  readonly argocdNamespace: string;
  /** Labels that policies want on a namespace. */
  readonly namespaceLabels: Labels;
  /** Labels and annotations that policies want on the pods of the workflows. */
  readonly podLabels: Labels;
  readonly podAnnotations: Labels;
  /** The instance ID of the Argo Workflows controller; undefined for one without. */
  readonly argoInstanceId: string | undefined;
  /** Address of the user interface of Argo Workflows, without a slash at the end. */
  readonly argoWorkflowsUrl: string | undefined;
}

type Labels = Readonly<Record<string, string>>;

export const NO_CONVENTIONS: ClusterConventions = {
  argocdNamespace: ARGOCD_NAMESPACE,
  namespaceLabels: {},
  podLabels: {},
  podAnnotations: {},
  argoInstanceId: undefined,
  argoWorkflowsUrl: undefined,
};

/** Page of a Workflow (https://argo-workflows.readthedocs.io/en/stable/argo-server/). */
export function workflowPage(url: string | undefined, namespace: string, name: string): string | undefined {
  return url === undefined ? undefined : `${url}/workflows/${namespace}/${name}`;
}
