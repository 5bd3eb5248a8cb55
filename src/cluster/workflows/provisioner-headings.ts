/** A few words for the titles of what provisioners report, by the end of their codes (`mysql-access-denied`). */
const HEADINGS: readonly (readonly [RegExp, string])[] = [
  [/^storage-access-denied$/, 'access key not accepted'],
  [/^host-refused$/, 'host refused'],
  [/-password-refused$/, 'password refused'],
  [/^(mysql|mongodb|storage)-refused$/, 'connection refused'],
  [/-access-denied$/, 'login denied'],
  [/-unknown-host$/, 'host not known in the cluster'],
  [/-refused$/, 'refused'],
  [/-unreachable$/, 'not reachable from the cluster'],
  [/-untrusted$/, 'certificate not trusted'],
  [/-tls(-needed)?$/, 'TLS failed'],
  [/-lost$/, 'connection lost'],
  [/-no-answer$/, 'no answer'],
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
  [/-(other-)?region$/, 'region not right'],
  [/-access-list$/, 'address not on the access list'],
  [/-(token|keys)$/, 'credentials not accepted'],
  [/-(scope|rights|credentials-hidden)$/, 'permissions missing'],
  [/-(not-found|project|cluster)$/, 'not found'],
  [/-(user-)?limit$/, 'limit reached'],
  [/-unavailable$/, 'not available'],
  [/-proxy$/, 'proxy refuses'],
];

/** A few words for that code; `failed` for one that has none. */
export function headingOf(code: string): string {
  return HEADINGS.find(([pattern]) => pattern.test(code))?.[1] ?? 'failed';
}
