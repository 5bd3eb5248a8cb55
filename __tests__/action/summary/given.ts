import type { Success, Unsuccess } from '../../../src/action/summary/summary.ts';
import type { ProvisionReport } from '../../../src/core/report.ts';
import type { RunRecord } from '../../../src/core/run-record.ts';
import type { Links } from '../../../src/inputs/links.ts';
import { type ClosingOptions, provisioned } from '../../../src/operations/outcome/closing.ts';
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

/** What the last words say of a push with the job's own token. */
export const CLOSING: ClosingOptions = { pages: LINKS, startsWorkflows: false, isFenced: true };

interface Given {
  readonly report?: ProvisionReport;
  readonly record?: RunRecord;
  readonly options?: Partial<ClosingOptions>;
}

/** A run that made a commit, by default with the job's own token. */
export function success({ report = REPORT, record = RECORD, options = {} }: Given = {}): Success {
  const closing = provisioned(report, record, { ...CLOSING, ...options });
  return { kind: 'succeeded', report, record, links: LINKS, closing };
}

export const SUCCESS: Success = success();

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
