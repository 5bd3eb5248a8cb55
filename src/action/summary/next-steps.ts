import type { ProvisionReport } from '../../core/report.ts';
import type { Links } from '../../inputs/links.ts';
import { code, link, plain } from './markdown.ts';

export interface NextStepsOptions {
  readonly links: Links;
  /** Whether the push was made with a token of its own: one by the job's starts no workflow. */
  readonly ownToken: boolean;
  /** Whether it is a pull request's instance that is not in an AppProject of previews. */
  readonly isUnfenced?: boolean;
}

/** What the operator does next: a numbered list, the first thing first. */
export function nextSteps(
  report: ProvisionReport,
  { links, ownToken, isUnfenced = false }: NextStepsOptions,
): string[] {
  const steps = [
    ...(report.changed && !isDeployed(report) ? [buildStep(report, links.buildWorkflow, ownToken)] : []),
    `See what ${report.changed ? 'was committed' : 'the cluster repository holds'}: ${commitLink(report, links)}.`,
    applicationStep(report, links),
    ...(isUnfenced ? [FENCE] : []),
  ];
  return ['### Next steps', '', ...steps.map((step, index) => `${index + 1}. ${step}`), ''];
}

/**
 * GitHub starts no workflow for what is pushed with the job's token
 * (https://docs.github.com/en/actions/security-for-github-actions/security-guides/automatic-token-authentication).
 */
function buildStep({ configPath }: ProvisionReport, url: string | undefined, ownToken: boolean): string {
  const env = code(configPath.replace(/[^/]+$/, 'env'));
  if (ownToken) {
    return `Watch ${link('the build workflow', url)}, which the push starts if it listens to pushes: it writes ${env}.`;
  }
  const token = code('github-token');
  return `**Run ${link('the build workflow', url)}**: it writes ${env}, and a push with the job's own token does not start it (with input ${token} it would).`;
}

function commitLink({ commitSha }: ProvisionReport, links: Links): string {
  return link(code(commitSha.slice(0, 7)), links.commit(commitSha));
}

/** Argo CD has synced the newest commit, manifests and all. */
function isDeployed({ sync }: ProvisionReport): boolean {
  return sync?.sync === 'Synced' && sync.health === 'Healthy';
}

function applicationStep(report: ProvisionReport, links: Links): string {
  const { application } = report;
  const page = links.application(application);
  const where = page === undefined ? code(links.applicationCommand(application)) : link(plain(application), page);
  return isDeployed(report)
    ? `Argo CD has deployed it, Synced and Healthy: ${where}.`
    : `Watch Argo CD deploy it: ${where}.`;
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/projects/ */
const FENCE = `Set ${code('preview-project')} to an AppProject for previews: it limits what the files of a pull request can deploy.`;
