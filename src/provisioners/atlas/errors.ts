import { fieldsOf, textIn } from '../../core/fields.ts';
import { answerOf, type Explanation } from '../http/api-error.ts';
import type { ApiAnswer } from '../http/send.ts';

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
const TOO_MANY_TOKENS = [
  'token-limit',
  'A service account of Atlas has at most 100 access tokens at a time, and each lasts an hour: wait until some have ended, or revoke them (POST /api/oauth/revoke), or give this action a service account of its own; then run again.',
] as const;

const ROLE = 'Give it the role Project Database Access Admin, or Project Owner, in the project.';

/** What an answer of Atlas means: its message, code and request ID, and what to check. */
export function explain(answer: ApiAnswer, project: AtlasProject): Explanation {
  const problem = wordsOf(answer);
  const [code, hint] = TOKEN_LIMIT.test(problem)
    ? TOO_MANY_TOKENS
    : remedyOf(answer.status, errorCodeIn(answer), project);
  return { code, problem, hint };
}

function remedyOf(
  status: number,
  errorCode: string,
  { projectId, clusterName }: AtlasProject,
): readonly [code: string, hint: string] {
  if (/ACCESS_LIST|WHITELIST/.test(errorCode)) {
    return [
      'access-list',
      "Add the address from which the cluster reaches the internet to the API access list of the key or service account (Atlas, Organization Access Manager), or do not require one; the server's message names the address.",
    ];
  }
  if (/MAX|LIMIT|QUOTA/.test(errorCode) && status !== 429) {
    return [
      'user-limit',
      'A project has at most 100 database users: delete some that are not used, or use another project.',
    ];
  }
  switch (errorCode) {
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return [
        'project',
        `Check input atlas-project-id (${projectId}), and that the key or service account is of that project.`,
      ];
    case 'CLUSTER_NOT_FOUND':
    case 'NO_CLUSTER_IN_GROUP':
      return ['cluster', `Check input atlas-cluster-name (${clusterName}), in the project ${projectId}.`];
    case 'VERSION_GONE':
      return ['version', 'This version of the API is switched off: use a newer version of the action.'];
    default:
  }
  switch (status) {
    case 401:
      return [
        'keys',
        'Check inputs atlas-client-id and atlas-client-secret, or atlas-public-key and atlas-private-key: they are wrong, expired or deleted.',
      ];
    case 403:
      return ['rights', `The key or service account may not do that. ${ROLE}`];
    case 404:
      return ['not-found', `Check inputs atlas-project-id (${projectId}) and atlas-cluster-name (${clusterName}).`];
    case 409:
      return [
        'conflict',
        `Another change has been under way for all the time of the run: wait until it is done (cluster ${clusterName} in the project), then run again, or raise input timeout.`,
      ];
    case 410:
      return ['version', 'This version of the API is switched off: use a newer version of the action.'];
    case 429:
      return ['limit', 'The limit of requests is used up for longer than this run may take: run again later.'];
    default:
      return status >= 500
        ? ['unavailable', 'Look at https://status.mongodb.com, then run again.']
        : ['refused', "The message is Atlas's own; look its code up in the reference of the API."];
  }
}

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
