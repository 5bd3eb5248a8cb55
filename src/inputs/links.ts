import type { ActionRequest } from './request.ts';

/** The links of a summary. */
export interface Links {
  readonly commit: (sha: string) => string;
  /** Page of the Application in Argo CD's user interface; undefined without input `argocd-url`. */
  readonly application: (name: string) => string | undefined;
  /** Page of the workflow that builds the instance; undefined without input `build-workflow`. */
  readonly buildWorkflow: string | undefined;
}

/** The links of a run's summary, from the request. */
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
