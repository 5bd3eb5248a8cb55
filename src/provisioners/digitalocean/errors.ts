import { fieldsOf, textIn } from '../../core/fields.ts';
import { answerOf, type Explanation } from '../http/api-error.ts';
import type { ApiAnswer } from '../http/send.ts';

/** What the API says of something that exists, and of a cluster or a user that another change is under way for. */
const ABOUT_STATE =
  /already exists|already in use|busy|in progress|not (yet )?(online|ready|available)|being (created|resized|migrated|forked|updated)|resizing|migrating|forking|maintenance|try again/i;

/**
 * Whether a refusal is about the state of the cluster, and may be another one later: 409 and 423, or 400, 412 and 422 with
 * such a message. The API's document says neither which status nor which words (https://docs.digitalocean.com/reference/api/).
 */
export function isConflict(error: unknown): boolean {
  const answer = answerOf(error);
  if (answer === undefined) return false;
  if (answer.status === 409 || answer.status === 423) return true;
  const message = textIn(fieldsOf(answer.body), 'message') ?? '';
  return [400, 412, 422].includes(answer.status) && ABOUT_STATE.test(message);
}

/** What an answer of the API means: its message and the request's ID, and what to check. */
export function explain(answer: ApiAnswer, clusterId: string): Explanation {
  const [code, hint] = remedyOf(answer.status, clusterId);
  return { code, problem: wordsOf(answer), hint };
}

function remedyOf(status: number, clusterId: string): readonly [code: string, hint: string] {
  switch (status) {
    case 401:
      return ['token', 'Check input digitalocean-token: the token is unknown, expired or revoked.'];
    case 403:
      return [
        'scope',
        'Give the token of input digitalocean-token the scopes database:read, database:create, database:update, database:delete and database:view_credentials.',
      ];
    case 404:
      return [
        'not-found',
        `Check the cluster's ID in the settings (${clusterId}), and that the token is of the team that has it.`,
      ];
    case 409:
    case 412:
    case 423:
      return [
        'conflict',
        `Another change of the cluster has been under way for all the time of the run: wait until it is done (doctl databases get ${clusterId}), then run again, or raise input timeout.`,
      ];
    case 429:
      return ['limit', 'The limit of requests is used up for longer than this run may take: run again later.'];
    default:
      return status >= 500
        ? ['unavailable', 'Look at https://status.digitalocean.com, then run again.']
        : ['refused', "The message is the API's own; give DigitalOcean the request ID where it does not help."];
  }
}

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const message = textIn(fields, 'message')?.replace(/\.$/, '') ?? '';
  const id = textIn(fields, 'request_id') ?? headers.get('x-request-id') ?? '';
  return [`${status} ${message}`.trim(), id === '' ? '' : `(request ${id})`].filter((part) => part !== '').join(' ');
}
