import { fieldsOf, textIn } from '../../core/fields.ts';
import { answerOf, type Explanation } from '../http/api-error.ts';
import type { ApiAnswer } from '../http/send.ts';
import { hintOf, type VendorCode } from '../vendor-causes.ts';

/** What the API says of something that exists, and of a cluster or a user that another change is under way for. */
const ABOUT_STATE =
  /already exists|already in use|busy|in progress|not (yet )?(online|ready|available)|being (created|resized|migrated|forked|updated)|resizing|migrating|forking|maintenance|try again/i;

/**
 * Whether a refusal is about the state of the cluster, and may be another one later: 409 and 423, or 400, 412 and 422 with
 * such a message. The API's document says neither which status nor which words (https://docs.digitalocean.com/reference/api/).
 */
export function isConflict(error: unknown): boolean {
  const answer = answerOf(error);
  return answer !== undefined && isAboutState(answer);
}

function isAboutState({ status, body }: ApiAnswer): boolean {
  if (status === 409 || status === 423) return true;
  return [400, 412, 422].includes(status) && ABOUT_STATE.test(textIn(fieldsOf(body), 'message') ?? '');
}

/** What an answer of the API means: its message and the request's ID, and what to check. */
export function explain(answer: ApiAnswer, clusterId: string): Explanation {
  const code = isAboutState(answer) ? 'digitalocean-conflict' : codeOf(answer.status);
  return { code, problem: wordsOf(answer), hint: hintOf(code, { cluster: clusterId }) };
}

function codeOf(status: number): VendorCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'digitalocean-unavailable' : 'digitalocean-refused');
}

const BY_STATUS: Readonly<Record<number, VendorCode>> = {
  401: 'digitalocean-token',
  403: 'digitalocean-scope',
  404: 'digitalocean-not-found',
  429: 'digitalocean-limit',
};

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const message = textIn(fields, 'message')?.replace(/\.$/, '') ?? '';
  const id = textIn(fields, 'request_id') ?? headers.get('x-request-id') ?? '';
  return [`${status} ${message}`.trim(), id === '' ? '' : `(request ${id})`].filter((part) => part !== '').join(' ');
}
