import { LaunchpadError } from '../../core/errors.ts';

type Title = string | ((error: LaunchpadError) => string);

const branchIn = ({ message }: LaunchpadError) => /^Branch (\S+) /.exec(message)?.[1] ?? '';

/** Refusals by the API server, by their words. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/exceeded quota|failed quota/, 'quota exceeded'],
  [/admission webhook|ValidatingAdmissionPolicy|denied the request|violates PodSecurity/, 'refused by a policy'],
  [/failed calling webhook/, 'admission webhook without answer'],
  [/: 401 /, 'credentials not accepted'],
  [/: 403 /, 'permission denied'],
  [/: 404 /, 'not found'],
  [/: 429 /, 'too many requests'],
  [/: 5\d\d /, 'API server failed'],
];

/** Area and cause in a few words, by an error's code; the first row that fits counts. */
const TITLES: readonly (readonly [RegExp, Title])[] = [
  [/^cancelled$/, 'Cancelled'],
  [/^(settings|usage)-invalid$/, 'Invalid settings'],
  [/^instance-name-invalid$/, 'Invalid instance name'],
  [/^not-confirmed$/, 'Not confirmed'],
  [/^event-invalid$/, 'GitHub: event not readable'],
  [/^(preview|sandbox)-/, 'Preview: refused'],
  [/^(event|operation)-|^fork$|^not-in-workflow$|^too-many-files$/, 'Workflow: event not supported'],
  [/^access-denied$/, 'Kubernetes: permission denied'],
  [
    /^cluster-refused$/,
    ({ message }) => `Kubernetes: ${REFUSED.find(([words]) => words.test(message))?.[1] ?? 'request refused'}`,
  ],
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
  [/^(config|file|source|template|not-a-file|instance-protected|deprovision-refused)/, configTitle],
  [/^push-branch-protected$/, (error) => `Git: branch ${branchIn(error)} is protected`.replace('  ', ' ')],
  [/^push-denied$/, 'Git: push denied'],
  [/^push-secret-found$/, 'Git: push protection found a secret'],
  [/^push-(outrun|unknown|not-comparable)$/, 'Git: branch changed meanwhile'],
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

function configTitle({ code }: LaunchpadError): string {
  if (code === 'instance-protected' || code === 'deprovision-refused') return 'Instance is protected';
  if (code === 'config-changed') return 'config.yml: changed during the run';
  return code.startsWith('template') || code.startsWith('source') ? 'Template: not usable' : 'config.yml: not usable';
}

/** Area and cause in a few words, such as `Git: branch main is protected`; undefined for an error that nobody knows. */
export function titleOf(error: unknown): string | undefined {
  if (!(error instanceof LaunchpadError)) return undefined;
  const title = TITLES.find(([code]) => code.test(error.code))?.[1];
  return typeof title === 'function' ? title(error) : title;
}
