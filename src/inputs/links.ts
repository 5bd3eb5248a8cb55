import { workflowPage } from '../cluster/objects/conventions.ts';
import type { ActionRequest } from './request.ts';

/** The links of a summary. */
export interface Links {
  readonly commit: (sha: string) => string;
  /** Page of the Application in Argo CD's user interface; undefined without input `argocd-url`. */
  readonly application: (name: string) => string | undefined;
  /** Command that shows the Application. */
  readonly applicationCommand: (name: string) => string;
  /** Page of a Workflow in the user interface of Argo Workflows; undefined without input `argo-workflows-url`. */
  readonly workflow: (namespace: string, name: string) => string | undefined;
  /** Page of the workflow that builds the instance; undefined without input `build-workflow`. */
  readonly buildWorkflow: string | undefined;
}

/** The links of a run's summary, from the request. */
export function linksOf({
  hosted,
  pages,
  conventions,
}: Pick<ActionRequest, 'hosted' | 'pages' | 'conventions'>): Links {
  const repository = `${hosted.serverUrl}/${hosted.owner}/${hosted.name}`;
  const { argocdUrl, buildWorkflow } = pages;
  const { argocdNamespace } = conventions;
  return {
    commit: (sha) => `${repository}/commit/${sha}`,
    application: (name) =>
      argocdUrl === undefined ? undefined : `${argocdUrl}/applications/${argocdNamespace}/${name}`,
    applicationCommand: (name) => `kubectl get application -n ${argocdNamespace} ${name}`,
    workflow: (namespace, name) => workflowPage(conventions.argoWorkflowsUrl, namespace, name),
    buildWorkflow:
      buildWorkflow === undefined || buildWorkflow.startsWith('https://')
        ? buildWorkflow
        : `${repository}/actions/workflows/${buildWorkflow}`,
  };
}
