import type { Cause, Problem } from '../causes/recognise.ts';
import type { ProvisionerError } from './pod-report.ts';

/** A few words for the titles of what provisioners report, by the end of their codes (`mysql-access-denied`). */
const HEADINGS: readonly (readonly [RegExp, string])[] = [
  [/^storage-access-denied$/, 'access key not accepted'],
  [/^host-refused$/, 'host refused'],
  [/-password-refused$/, 'password refused'],
  [/^(mysql|mongodb|storage)-refused$/, 'connection refused'],
  [/-access-denied$/, 'login denied'],
  [/-srv-records$/, 'DNS records not usable'],
  [/-unknown-host$/, 'host not known in the cluster'],
  [/-refused$/, 'refused'],
  [/-unreachable$/, 'not reachable from the cluster'],
  [/-untrusted$/, 'certificate not trusted'],
  [/-tls(-needed)?$/, 'TLS failed'],
  [/-lost$/, 'connection lost'],
  [/-no-answer$/, 'no answer'],
  [/-invalid-answer$/, 'answer not understood'],
  [/-id$/, 'ID not valid'],
  [/-system-name$/, 'reserved name'],
  [/-(cluster-state|creating|paused|no-address)$/, 'cluster not ready'],
  [/-conflict$/, 'another change under way'],
  [/-endpoint-choice$/, 'several private endpoints'],
  [/-token-limit$/, 'too many access tokens'],
  [/(^|-)timeout$/, 'out of time'],
  [/-read-only$/, 'server is read-only'],
  [/-account-locked$/, 'account locked'],
  [/-account-limit$/, 'account limit reached'],
  [/-other-account$/, 'another account is matched first'],
  [/-password-expired$/, 'password expired'],
  [/-password-policy$/, 'password policy'],
  [/-no-password-login$/, 'account without a password login'],
  [/-auth-plugin$/, 'login method not supported'],
  [/-locked$/, 'locked by another connection'],
  [/-privileges$/, 'privileges missing'],
  [/-bucket-foreign$/, "bucket is somebody else's"],
  [/-(other-)?region$/, 'wrong region'],
  [/-access-list$/, 'address not on the access list'],
  [/-(token|keys)$/, 'credentials not accepted'],
  [/-(scope|rights|credentials-hidden)$/, 'permissions missing'],
  [/-(not-found|project|cluster)$/, 'not found'],
  [/-(user-)?limit$/, 'limit reached'],
  [/-unavailable$/, 'not available'],
  [/-proxy$/, 'proxy refuses'],
];

/**
 * What a provisioner says that failed: its words are whole sentences.
 *
 * @param service what people call the work, such as `MySQL`
 * @param otherwise the remedy, if the provisioner has none
 */
export function causeOfProvisioner(
  { code, message, host, hint }: ProvisionerError,
  service: string,
  otherwise: string,
): Cause {
  const where = host === undefined || message.includes(host) ? '' : ` (${host})`;
  const subject = message.startsWith(service) ? '' : `${service}: `;
  return { code, heading: headingOf(code), sentence: `${subject}${message}${where}`, remedy: hint ?? otherwise };
}

/** Milliseconds for which a failure that a provisioner tries again is no news: a server that restarts, say. */
const PATIENCE_MS = 3_000;

/** What a provisioner tries again: it has not failed yet. */
export function passingProblem(error: ProvisionerError): Problem {
  const cause = causeOfProvisioner(error, '', 'Look at its log.');
  const sentence = cause.sentence.replace(/\.$/, '');
  return { ...cause, sentence, patienceMs: PATIENCE_MS, until: undefined, endsAfterMs: undefined };
}

/** A few words for that code; `failed` for one that has none. */
export function headingOf(code: string): string {
  return HEADINGS.find(([pattern]) => pattern.test(code))?.[1] ?? 'failed';
}
