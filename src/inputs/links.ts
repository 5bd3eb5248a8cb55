import type { ActionRequest } from './request.ts';

/** Where an operator goes on from a summary. */
export interface Links {
  readonly commit: (sha: string) => string;
  /** Page of the Application in Argo CD's user interface; undefined where nobody told its address. */
  readonly application: (name: string) => string | undefined;
  /** Page of the workflow that builds the instance; undefined where nobody told its name. */
  readonly buildWorkflow: string | undefined;
}

/** The links of a run's summary. */
export function linksOf({ hosted, pages }: Pick<ActionRequest, 'hosted' | 'pages'>): Links {
  const repository = `${hosted.serverUrl}/${hosted.owner}/${hosted.name}`;
  const { argocdUrl, buildWorkflow } = pages;
  return {
    commit: (sha) => `${repository}/commit/${sha}`,
    application: (name) => (argocdUrl === undefined ? undefined : `${argocdUrl}/applications/argocd/${name}`),
    buildWorkflow:
      buildWorkflow === undefined || buildWorkflow.startsWith('https://')
        ? buildWorkflow
        : `${repository}/actions/workflows/${buildWorkflow}`,
  };
}
