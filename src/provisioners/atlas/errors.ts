import { fieldsOf, textIn } from '../../core/fields.ts';
import { hintOf, type VendorCode } from '../causes.ts';
import { type ApiAnswer, answerOf, type Explanation } from '../http/send.ts';

/** Whose cluster it is, for the hints. */
export interface AtlasProject {
  readonly projectId: string;
  readonly clusterName: string;
}

/** Atlas's code of an error, such as `CLUSTER_NOT_FOUND` (https://www.mongodb.com/docs/atlas/reference/api-errors/). */
export function errorCodeOf(error: unknown): string {
  const answer = answerOf(error);
  return answer === undefined ? '' : errorCodeIn(answer);
}

function errorCodeIn({ body }: ApiAnswer): string {
  return textIn(fieldsOf(body), 'errorCode') ?? '';
}

/** What the API says where a service account has all the tokens that it may have; its document names no code for it. */
const TOKEN_LIMIT = /access.?token.{0,40}(limit|maximum)|(limit|maximum).{0,40}access.?token|token limit/i;

/** What an answer of Atlas means: its message, code and request ID, and what to check. */
export function explain(answer: ApiAnswer, { projectId, clusterName }: AtlasProject): Explanation {
  const problem = wordsOf(answer);
  const code = TOKEN_LIMIT.test(problem) ? 'atlas-token-limit' : codeOf(answer.status, errorCodeIn(answer));
  return { code, problem, hint: hintOf(code, { cluster: clusterName, project: projectId }) };
}

function codeOf(status: number, errorCode: string): VendorCode {
  if (/ACCESS_LIST|WHITELIST/.test(errorCode)) return 'atlas-access-list';
  if (/MAX|LIMIT|QUOTA/.test(errorCode) && status !== 429) return 'atlas-user-limit';
  return BY_ERROR_CODE[errorCode] ?? BY_STATUS[status] ?? (status >= 500 ? 'atlas-unavailable' : 'atlas-refused');
}

const BY_ERROR_CODE: Readonly<Record<string, VendorCode>> = {
  GROUP_NOT_FOUND: 'atlas-project',
  INVALID_GROUP_ID: 'atlas-project',
  CLUSTER_NOT_FOUND: 'atlas-cluster',
  NO_CLUSTER_IN_GROUP: 'atlas-cluster',
  VERSION_GONE: 'atlas-version',
};

const BY_STATUS: Readonly<Record<number, VendorCode>> = {
  401: 'atlas-keys',
  403: 'atlas-rights',
  404: 'atlas-not-found',
  409: 'atlas-conflict',
  410: 'atlas-version',
  429: 'atlas-limit',
};

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const detail = (
    textIn(fields, 'detail') ??
    textIn(fields, 'reason') ??
    textIn(fields, 'error_description') ??
    ''
  ).replace(/\.$/, '');
  const code = textIn(fields, 'errorCode');
  const id = headers.get('x-request-id') ?? headers.get('x-envoy-request-id');
  const extra = [code, id === null ? undefined : `request ${id}`].filter((part) => part !== undefined).join(', ');
  return [`${status} ${detail}`.trim(), extra === '' ? '' : `(${extra})`].filter((part) => part !== '').join(' ');
}
