import { ProvisionerError } from './report.ts';

/** A password of fewer characters is only kept where it logs in already. */
export const SHORTEST_PASSWORD = 8;

/** The error for a password of config.yml that is too short to be set. */
export function shortPassword(
  service: 'MySQL' | 'MongoDB',
  { user, exists, host }: { readonly user: string; readonly exists: boolean; readonly host: string },
): ProvisionerError {
  const why = exists ? 'it does not log in' : 'the user does not exist yet';
  return new ProvisionerError(
    `${service.toLowerCase()}-password-short`,
    `The password of ${service} user ${user} in config.yml has fewer than ${SHORTEST_PASSWORD} characters, and ${why}.`,
    {
      host,
      hint: `Remove ${service.toUpperCase()}_PASSWORD from config.yml, so that one is made, or write a longer one.`,
    },
  );
}
