import type { Success, Unsuccess } from '../../../src/action/summary/summary.ts';
import type { Links } from '../../../src/inputs/links.ts';
import { RECORD, REPORT } from '../report.ts';

export const REPOSITORY_URL = 'https://github.com/example-org/riverside-cluster';

/** Links where the workflow told nothing of Argo CD and of the build workflow. */
export const LINKS: Links = {
  commit: (sha) => `${REPOSITORY_URL}/commit/${sha}`,
  application: () => undefined,
  applicationCommand: (name: string) => `kubectl get application -n argocd ${name}`,
  workflow: () => undefined,
  buildWorkflow: undefined,
};

/** A run that made a commit with the job's own token. */
export const SUCCESS: Success = { kind: 'succeeded', report: REPORT, record: RECORD, links: LINKS, ownToken: false };

/** A run whose MySQL workflow failed. */
export const FAILURE: Unsuccess = {
  kind: 'failed',
  instance: 'riverside',
  failures: [
    { message: 'MySQL at db:3306 denies the admin user root the login.', remedy: 'Check mysql-admin-*.', causes: [] },
  ],
  record: {
    ...RECORD,
    phases: RECORD.phases.map((phase) => ({ ...phase, outcome: phase.title.startsWith('Wait') ? 'failed' : 'done' })),
    workflows: RECORD.workflows.map((workflow) =>
      workflow.kind === 'mysql' ? { ...workflow, phase: 'Failed' } : workflow,
    ),
    resources: RECORD.resources.filter(({ kind }) => !/MySQL|Application/.test(kind)),
    commit: undefined,
  },
  links: LINKS,
  redact: (text) => text.replaceAll('hunter_2', '***'),
};
