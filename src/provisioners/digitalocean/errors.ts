import { fieldsOf, textIn } from '../../core/fields.ts';
import { connectionError } from '../connection-errors.ts';
import { type ApiAnswer, HttpError } from '../http/send.ts';
import { ProvisionerError } from '../report.ts';

export interface Circumstances {
  readonly host: string;
  readonly clusterId: string;
  /** What was tried, in words. */
  readonly doing: string;
}

/**
 * Whether it was there already: 409, or 422 with words to that effect; the document does not say which
 * (https://docs.digitalocean.com/reference/api/).
 */
export function isAlreadyThere(error: unknown): boolean {
  const cause = error instanceof ProvisionerError ? error.cause : error;
  if (!(cause instanceof HttpError)) return false;
  const said = textIn(fieldsOf(cause.answer.body), 'message') ?? '';
  return cause.status === 409 || (cause.status === 422 && /already exists|already in use/i.test(said));
}

/** The error to end with: the API's message and the request's ID, and what to check. */
export function digitaloceanError(error: unknown, { host, clusterId, doing }: Circumstances): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const make = (code: string, says: string, hint: string) =>
    new ProvisionerError(`digitalocean-${code}`, `DigitalOcean's API at ${host}: ${doing} failed: ${says}.`, {
      host,
      hint,
      cause: error,
    });
  if (!(error instanceof HttpError)) {
    const lost = connectionError(error, "DigitalOcean's API", host);
    if (lost !== undefined) return lost;
    const said = error instanceof Error ? error.message : String(error);
    return make(
      'no-answer',
      said,
      'Check that the pods of the cluster reach the API, by a proxy where there must be one.',
    );
  }
  const says = wordsOf(error.answer);
  switch (error.status) {
    case 401:
      return make('token', says, 'Check input digitalocean-token: the token is unknown, expired or revoked.');
    case 403:
      return make(
        'scope',
        says,
        'Give the token of input digitalocean-token the scopes database:read, database:create, database:update, database:delete and database:view_credentials.',
      );
    case 404:
      return make(
        'not-found',
        says,
        `Check the cluster's ID in the settings (${clusterId}), and that the token is of the team that has it.`,
      );
    case 429:
      return make(
        'limit',
        says,
        'The limit of requests is used up for longer than this run may take: run again later.',
      );
    default:
      return make(
        error.status >= 500 ? 'unavailable' : 'refused',
        says,
        error.status >= 500
          ? 'Look at https://status.digitalocean.com, then run again.'
          : "The message is the API's own; give DigitalOcean the request ID where it does not help.",
      );
  }
}

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const message = textIn(fields, 'message')?.replace(/\.$/, '') ?? '';
  const id = textIn(fields, 'request_id') ?? headers.get('x-request-id') ?? '';
  return [`${status} ${message}`.trim(), id === '' ? '' : `(request ${id})`].filter((part) => part !== '').join(' ');
}
