import { createHash, randomBytes } from 'node:crypto';
import { textIn } from '../../core/fields.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  fieldsIn,
  type HttpError,
  need,
  type Sending,
  send,
  sendOnce,
} from '../http/send.ts';

/** How requests to the Atlas Administration API prove who sends them. */
export interface Authorization {
  /** Headers for one request. */
  headers(request: Pick<ApiRequest, 'method' | 'url'>): Promise<Readonly<Record<string, string>>>;
  /** Takes in a refusal with 401; true if the request is to be sent again with new headers. */
  learn(refusal: HttpError): boolean;
}

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  /** A token that the pods of a run share, which whoever issued it revokes; one that is refused is replaced. */
  readonly sharedToken?: string | undefined;
}

/** Milliseconds for the revocation of a token: the pod is about to end, and the token ends by itself too. */
const REVOKE_MS = 3_000;

/** Seconds before its end from which a token is not used any more. */
const TOKEN_RESERVE_S = 60;

/**
 * A service account: its ID and secret are exchanged for a token that lasts an hour, and that is revoked at the end of the pod, as an
 * account has at most 100 at a time
 * (https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token, …/revoke-oauth2-token).
 *
 * @param root root of the API
 */
export function serviceAccount(
  root: string,
  { clientId, clientSecret, sharedToken }: ServiceAccount,
  sending: Sending,
): Authorization {
  const { clock } = sending.pod;
  let token: Token | undefined =
    sharedToken === undefined ? undefined : { value: sharedToken, endsAtMs: Number.POSITIVE_INFINITY };
  let isRefused = false;
  const requestTo = (path: string, body: string): ApiRequest => ({
    method: 'POST',
    url: `${root}/api/oauth/${path}`,
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body,
  });
  const fetchToken = async () => {
    const fetched = await send(requestTo('token', 'grant_type=client_credentials'), sending, (answer) =>
      tokenIn(answer, clock.wallMs()),
    );
    const body = `token=${encodeURIComponent(fetched.value)}&token_type_hint=access_token`;
    sending.pod.atEnd(async () => {
      await sendOnce(requestTo('revoke', body), REVOKE_MS).catch(() => undefined);
    });
    return fetched;
  };
  return {
    headers: async () => {
      if (token === undefined || token.endsAtMs < clock.wallMs()) token = await fetchToken();
      return { authorization: `Bearer ${token.value}` };
    },
    learn: () => {
      // A token that was revoked meanwhile is replaced once.
      const isFirst = !isRefused && token !== undefined;
      isRefused = true;
      token = undefined;
      return isFirst;
    },
  };
}

interface Token {
  readonly value: string;
  readonly endsAtMs: number;
}

/** The token in an answer (RFC 6749, 5.1). @throws InvalidAnswer without one */
function tokenIn(answer: ApiAnswer, nowMs: number): Token {
  const fields = fieldsIn(answer);
  const { expires_in: seconds } = fields;
  const value = need(answer, 'access_token', textIn(fields, 'access_token'));
  const lifetime = need(answer, 'expires_in', typeof seconds === 'number' && seconds > 0 ? seconds : undefined);
  return { value, endsAtMs: nowMs + (lifetime - TOKEN_RESERVE_S) * 1000 };
}

export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A server's challenge of digest authentication (RFC 7616, 3.3). */
interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
}

/** An API key: HTTP digest authentication with MD5 and qop=auth, which Atlas asks for (RFC 7616). */
export function digest({ publicKey, privateKey }: KeyPair): Authorization {
  let challenge: Challenge | undefined;
  let count = 0;
  return {
    headers: async ({ method, url }) => {
      if (challenge === undefined) return {};
      count += 1;
      const { realm, nonce, opaque } = challenge;
      const { pathname, search } = new URL(url);
      const uri = pathname + search;
      const nc = count.toString(16).padStart(8, '0');
      const cnonce = randomBytes(8).toString('hex');
      const secret = md5(`${publicKey}:${realm}:${privateKey}`);
      const response = md5([secret, nonce, nc, cnonce, 'auth', md5(`${method}:${uri}`)].join(':'));
      const quoted = {
        username: publicKey,
        realm,
        nonce,
        uri,
        cnonce,
        response,
        ...(opaque === undefined ? {} : { opaque }),
      };
      const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
      return { authorization: `Digest ${[...parts, 'algorithm=MD5', 'qop=auth', `nc=${nc}`].join(', ')}` };
    },
    learn: ({ answer }) => {
      const header = answer.headers.get('www-authenticate') ?? '';
      const next = challengeIn(header);
      const isNew = next !== undefined && (challenge === undefined || /stale\s*=\s*"?true/i.test(header));
      challenge = next ?? challenge;
      count = 0;
      return isNew;
    },
  };
}

function challengeIn(header: string): Challenge | undefined {
  if (!/^digest /i.test(header)) return undefined;
  const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(header)?.[1];
  const [realm, nonce] = [value('realm'), value('nonce')];
  return realm === undefined || nonce === undefined ? undefined : { realm, nonce, opaque: value('opaque') };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
