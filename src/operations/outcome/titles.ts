import { LaunchpadError } from '../../core/errors.ts';

/** Area and cause in a few words, by the code of an error that has no title; the first row that matches counts. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^cancelled$/, 'Cancelled'],
  [/^(settings|usage)-invalid$/, 'Invalid settings'],
  [/^instance-name-invalid$/, 'Invalid instance name'],
  [/^not-confirmed$/, 'Not confirmed'],
  [/^event-invalid$/, 'GitHub: event not readable'],
  [/^(preview|sandbox)-/, 'Preview: refused'],
  [/^(event|operation)-|^fork$|^not-in-workflow$|^too-many-files$/, 'Workflow: event not supported'],
  [/^access-denied$/, 'Kubernetes: permission denied'],
  [/^cluster-unreachable$/, 'Kubernetes: API server not reachable'],
  [/^cluster-answer-invalid$/, 'Kubernetes: not an API server'],
  [/^cluster-not-ready$|^argo-too-old$/, 'Kubernetes: Argo missing or too old'],
  [/^kubeconfig-invalid$/, 'Kubernetes: invalid kubeconfig'],
  [/^(credentials-unavailable|exec-plugin-failed)$/, 'Kubernetes: no credentials'],
  [/^proxy-(invalid|unreachable)$/, 'Proxy: not usable'],
  [/^proxy-refused$/, 'Proxy: connection refused'],
  [/^namespace-/, 'Kubernetes: namespace not usable'],
  [/^(object-invalid|seed-damaged|password-unverified)$/, 'Kubernetes: invalid object'],
  [/^lease-held$|^workflows-running$/, 'Instance locked by another run'],
  [/^lease-/, 'Instance lock lost'],
  [/^sync-timeout$/, 'Argo CD: not synced in time'],
  [/^(sync-failed|application-deleted)$/, 'Argo CD: sync failed'],
  [/^application-terminating$/, 'Argo CD: Application not deleted'],
  [/^application-/, 'application.yml: refused'],
  [/^(instance-protected|deprovision-refused)$/, 'Instance is protected'],
  [/^config-changed$/, 'config.yml: changed during the run'],
  [/^(template|source)/, 'Template: not usable'],
  [/^(config|file|not-a-file)/, 'config.yml: not usable'],
  [/^push-denied$/, 'Git: push denied'],
  [/^push-secret-found$/, 'Git: push protection found a secret'],
  [/^push-(outrun|unknown|not-comparable)$/, 'Git: branch changed during the run'],
  [/^push-(.*refused|rule-violated|signature-required|hook-declined)$/, 'Git: push refused by a rule'],
  [/^push-too-large$/, 'Git: push too large'],
  [/^push-shallow$/, 'Git: shallow clone'],
  [/^credentials-refused$/, 'Git: credentials not accepted'],
  [/^repository-not-found$/, 'Git: repository not found'],
  [/^repository-unreachable$/, 'Git: repository not reachable'],
  [/^repository-|^other-repository$/, 'Git: repository not writable'],
  [/^(rate-limited|address-refused|host-key-refused|certificate-refused)$/, 'Git: connection refused'],
  [/^(push|git|checkout|branch|no-branch|not-a-branch|no-checkout|read-only|uncommitted)/, 'Git: failed'],
  [/^public-repository$/, 'GitHub: repository is public'],
  [/^github-/, 'GitHub: API request failed'],
  [/^disk-failed$/, 'Runner: disk not writable'],
  [/^action-incomplete$/, 'Incomplete installation'],
];

/** Area and cause in a few words, such as `Git: push denied`; undefined for an error that nobody knows. */
export function titleOf(error: unknown): string | undefined {
  if (!(error instanceof LaunchpadError)) return undefined;
  return error.title ?? TITLES.find(([code]) => code.test(error.code))?.[1];
}
